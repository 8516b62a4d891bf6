#include "backend/cpu/conv2d.h"

#include <cassert>

#include "backend/cpu/algorithms.h"
#include "backend/cpu/im2col.h"
#include "backend/cpu/winograd.h"
#include "backend/follow.h"

namespace easel::cpu {
namespace {

class CpuConv2d final : public Conv2dOp {
 public:
  CpuConv2d(const Context& context, const Conv2dSpec& spec, const TensorSource& weight,
            const TensorSource* bias)
      : context_(context),
        spec_(spec),
        im2col_(spec),
        matrix_(context, im2col_.layout(), weight, bias) {}

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
        im2col_.gather(host(x), x.shape, x.stride, out.shape, row + r, k0, k1, to + r * kRowStride);
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

  const Context& context_;
  const Conv2dSpec spec_;
  const Im2col im2col_;
  const PackedMatrix matrix_;
};

}  // namespace

std::unique_ptr<Conv2dOp> make_conv2d(const Context& context, const Conv2dSpec& spec,
                                      const TensorSource& weight, const TensorSource* bias) {
  return std::make_unique<CpuConv2d>(context, spec, weight, bias);
}

}  // namespace easel::cpu
