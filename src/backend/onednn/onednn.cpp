#ifdef EASEL_ONEDNN
#include "backend/onednn/onednn.h"

#include <cassert>
#include <cstring>

#include "backend/cpu/cpu_backend.h"
#include "backend/cpu/im2col.h"
#include "backend/follow.h"
#include "backend/onednn/product.h"
#include "core/error.h"

namespace easel {
namespace onednn {
namespace {

void narrow(const cpu::Context& context, Element element, const float* in, std::int64_t count,
            void* out) {
  if (element == Element::kBf16) {
    context.kernels.gemm.narrow_bf16(in, count, static_cast<std::uint16_t*>(out));
  } else {
    std::memcpy(out, in, static_cast<std::size_t>(count) * sizeof(float));
  }
}

class Linear final : public LinearOp {
 public:
  Linear(const cpu::Context& context, const Engine& engine, Element element, const LinearSpec& spec,
         const TensorSource& weight, const TensorSource* bias)
      : context_(context),
        spec_(spec),
        matrix_(context, engine, element,
                {.k = spec.in, .columns = spec.out, .gated = spec.activation == Activation::kGeglu},
                weight, bias) {}

  void run(ConstView x, const Epilogue& epilogue, View out) const override {
    assert(x.channels() == spec_.in && out.channels() == out_channels() && x.rows() == out.rows());
    const auto fill = [&](std::int64_t row, std::int64_t rows, void* to) {
      const auto row_bytes = static_cast<std::size_t>(spec_.in) * bytes_of(matrix_.element());
      for (std::int64_t r = 0; r < rows; ++r) {
        narrow(context_, matrix_.element(), host(x) + (row + r) * x.stride, spec_.in,
               static_cast<std::byte*>(to) + static_cast<std::size_t>(r) * row_bytes);
      }
    };
    multiply(context_, matrix_, x.shape[0], fill,
             {.activation = spec_.activation,
              .epilogue = epilogue,
              .rows_per_picture = x.rows() / x.shape[0],
              .out = out});
  }

  std::int64_t out_channels() const override {
    return spec_.activation == Activation::kGeglu ? spec_.out / 2 : spec_.out;
  }
  std::int64_t bytes() const override { return matrix_.bytes(); }

 private:
  const cpu::Context& context_;
  const LinearSpec spec_;
  const Matrix matrix_;
};

class Conv2d final : public Conv2dOp {
 public:
  Conv2d(const cpu::Context& context, const Engine& engine, Element element, const Conv2dSpec& spec,
         const TensorSource& weight, const TensorSource* bias)
      : context_(context),
        spec_(spec),
        im2col_(spec),
        matrix_(context, engine, element, im2col_.layout(), weight, bias) {}

  void run(ConstView x, const Epilogue& epilogue, View out) const override {
    assert(x.channels() == spec_.in && out.channels() == spec_.out && x.shape[0] == out.shape[0]);
    if (matrix_.element() == Element::kF32)
      return convolve(host(x), x.shape, x.stride, epilogue, out);
    // Rounded once, not once for every tap.
    const cpu::Temporary rounded(*context_.arena, cpu::ceil_div(x.rows() * spec_.in, 2));
    auto* image = reinterpret_cast<std::uint16_t*>(rounded.data());
    constexpr std::int64_t kTaskRows = 64;
    context_.threads->parallel_for(cpu::ceil_div(x.rows(), kTaskRows), [&](std::int64_t task) {
      const std::int64_t end = std::min(x.rows(), (task + 1) * kTaskRows);
      for (std::int64_t row = task * kTaskRows; row < end; ++row) {
        narrow(context_, Element::kBf16, host(x) + row * x.stride, spec_.in,
               image + row * spec_.in);
      }
    });
    convolve(image, x.shape, spec_.in, epilogue, out);
  }

  const Conv2dSpec& spec() const override { return spec_; }
  std::int64_t bytes() const override { return matrix_.bytes(); }
  std::string algorithm(std::int64_t, std::int64_t) const override {
    return name_of(ConvAlgorithm::kDirect);
  }

 private:
  template <typename T>
  void convolve(const T* image, const Shape& in, std::int64_t stride, const Epilogue& epilogue,
                View out) const {
    const auto fill = [&](std::int64_t row, std::int64_t rows, void* to) {
      for (std::int64_t r = 0; r < rows; ++r) {
        im2col_.gather(image, in, stride, out.shape, row + r, 0, matrix_.k(),
                       static_cast<T*>(to) + r * matrix_.k());
      }
    };
    multiply(context_, matrix_, out.shape[0], fill,
             {.activation = spec_.activation,
              .epilogue = epilogue,
              .rows_per_picture = out.shape[1] * out.shape[2],
              .out = out});
  }

  const cpu::Context& context_;
  const Conv2dSpec spec_;
  const cpu::Im2col im2col_;
  const Matrix matrix_;
};

class OnednnBackend final : public cpu::CpuBackend {
 public:
  OnednnBackend(const CpuBackendSpec& spec, Element element)
      : CpuBackend(spec), engine_(threads().threads()), element_(element) {}

  BackendFacts facts() const override {
    const bool halves = element_ == Element::kBf16;
    return {.name = "onednn",
            .target = halves ? "bf16" : "f32",
            .label = halves ? "onednn bf16" : "onednn f32",
            .instruction_set = context().kernels.target,
            .precision = halves ? "bf16" : "fp32",
            .bytes_per_weight = static_cast<std::int64_t>(bytes_of(element_))};
  }

  std::unique_ptr<LinearOp> linear(const LinearSpec& spec, const TensorSource& weight,
                                   const TensorSource* bias) override {
    return std::make_unique<Linear>(context(), engine_, element_, spec, weight, bias);
  }
  std::unique_ptr<Conv2dOp> conv2d(const Conv2dSpec& spec, const TensorSource& weight,
                                   const TensorSource* bias) override {
    return std::make_unique<Conv2d>(context(), engine_, element_, spec, weight, bias);
  }

 private:
  const Engine engine_;
  const Element element_;
};

bool has_bfloat16() {
  constexpr int kBits = static_cast<int>(dnnl::cpu_isa::avx512_core_bf16);
  return (static_cast<int>(dnnl::get_effective_cpu_isa()) & kBits) == kBits;
}

}  // namespace
}  // namespace onednn

std::vector<std::string> onednn_targets() {
  return onednn::has_bfloat16() ? std::vector<std::string>{"bf16", "f32"}
                                : std::vector<std::string>{"f32"};
}

std::unique_ptr<Backend> make_onednn_backend(const CpuBackendSpec& spec) {
  const std::vector<std::string> known = onednn_targets();
  const std::string wanted = spec.target.empty() ? known.front() : spec.target;
  if (std::ranges::find(known, wanted) == known.end()) {
    fail(ErrorCode::kUsage, "the onednn backend does not run '{}' on this processor", wanted);
  }
  CpuBackendSpec rest = spec;
  rest.target.clear();
  rest.precision = Precision::kF32;  // weights are kept as they are multiplied
  return std::make_unique<onednn::OnednnBackend>(
      rest, wanted == "bf16" ? onednn::Element::kBf16 : onednn::Element::kF32);
}

}  // namespace easel
#endif
