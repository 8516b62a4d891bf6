#include "backend/cpu/conv2d.h"

#include <cassert>
#include <cstring>

#include "backend/cpu/algorithms.h"
#include "backend/cpu/winograd.h"

namespace easel::cpu {
namespace {

class CpuConv2d final : public Conv2dOp {
 public:
  CpuConv2d(const Context& context, const Conv2dSpec& spec, const TensorSource& weight,
            const TensorSource* bias)
      : context_(context), spec_(spec), matrix_(context, layout_of(spec), weight, bias) {}

  void run(ConstView x, const Epilogue& epilogue, View out) const override {
    assert(x.channels() == spec_.in && out.channels() == spec_.out && x.shape[0] == out.shape[0]);
    const GemmFinish finish{.activation = spec_.activation,
                            .epilogue = epilogue,
                            .rows_per_picture = out.shape[1] * out.shape[2],
                            .out = out};
    switch (algorithm_for(out.shape[1], out.shape[2])) {
      case ConvAlgorithm::kWinograd2:
        return convolve_winograd(context_, context_.kernels.winograd2, spec_, matrix_, x, finish);
      case ConvAlgorithm::kWinograd4:
        return convolve_winograd(context_, context_.kernels.winograd4, spec_, matrix_, x, finish);
      case ConvAlgorithm::kDirect:
        break;
    }
    const FillRows fill = [&](std::int64_t row, std::int64_t rows, std::int64_t k0, std::int64_t k1,
                              float* to) {
      for (std::int64_t r = 0; r < rows; ++r) {
        gather(x, out.shape, row + r, k0, k1, to + r * kRowStride);
      }
    };
    multiply(context_, matrix_, out.rows(), fill, finish);
  }

  const Conv2dSpec& spec() const override { return spec_; }
  std::int64_t bytes() const override { return matrix_.bytes(); }
  std::string algorithm(std::int64_t height, std::int64_t width) const override {
    const int zoom = spec_.upsample ? 2 : 1, padding = spec_.pad_before + spec_.pad_after;
    return name_of(algorithm_for(conv_size(height * zoom, spec_.kernel, spec_.stride, padding),
                                 conv_size(width * zoom, spec_.kernel, spec_.stride, padding)));
  }

 private:
  ConvAlgorithm algorithm_for(std::int64_t height, std::int64_t width) const {
    if (!winograd_runs(spec_)) return ConvAlgorithm::kDirect;
    return context_.convolution ? *context_.convolution
                                : choose_algorithm(context_.kernels.target, spec_, height, width);
  }

  // Sums run over taps, then channels, so that a tap's channels are contiguous in the image.
  static PackedMatrix::Layout layout_of(const Conv2dSpec& spec) {
    const std::int64_t taps = spec.kernel * spec.kernel, in = spec.in;
    PackedMatrix::Layout layout{
        .k = in * taps, .columns = spec.out, .source_k = {}, .gated = false};
    if (taps > 1) {
      layout.source_k = [in, taps](std::int64_t k) { return k % in * taps + k / in; };
    }
    return layout;
  }

  // Terms [k0, k1) of the sum of one pixel: an implicit im2col.
  void gather(ConstView x, const Shape& out, std::int64_t row, std::int64_t k0, std::int64_t k1,
              float* to) const {
    const int zoom = spec_.upsample ? 1 : 0;
    const std::int64_t height = x.shape[1] << zoom, width = x.shape[2] << zoom;
    const std::int64_t picture = row / (out[1] * out[2]), inside = row % (out[1] * out[2]);
    const std::int64_t top = inside / out[2] * spec_.stride - spec_.pad_before;
    const std::int64_t left = inside % out[2] * spec_.stride - spec_.pad_before;
    for (std::int64_t k = k0; k < k1;) {
      const std::int64_t tap = k / spec_.in, channel = k % spec_.in;
      const std::int64_t count = std::min(spec_.in - channel, k1 - k);
      const std::int64_t y = top + tap / spec_.kernel, column = left + tap % spec_.kernel;
      const auto bytes = static_cast<std::size_t>(count) * sizeof(float);
      if (y >= 0 && y < height && column >= 0 && column < width) {
        const std::int64_t pixel =
            (picture * x.shape[1] + (y >> zoom)) * x.shape[2] + (column >> zoom);
        std::memcpy(to + (k - k0), x.data + pixel * x.stride + channel, bytes);
      } else {
        std::memset(to + (k - k0), 0, bytes);
      }
      k += count;
    }
  }

  const Context& context_;
  const Conv2dSpec spec_;
  const PackedMatrix matrix_;
};

}  // namespace

std::unique_ptr<Conv2dOp> make_conv2d(const Context& context, const Conv2dSpec& spec,
                                      const TensorSource& weight, const TensorSource* bias) {
  return std::make_unique<CpuConv2d>(context, spec, weight, bias);
}

}  // namespace easel::cpu
