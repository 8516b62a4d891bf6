#include "backend/cpu/linear.h"

#include <cassert>
#include <cstring>

#include "backend/follow.h"

namespace easel::cpu {
namespace {

class CpuLinear final : public LinearOp {
 public:
  CpuLinear(const Context& context, const LinearSpec& spec, const TensorSource& weight,
            const TensorSource* bias)
      : context_(context),
        spec_(spec),
        matrix_(context,
                {.k = spec.in, .columns = spec.out, .gated = spec.activation == Activation::kGeglu},
                weight, bias) {}

  void run(ConstView x, const Epilogue& epilogue, View out) const override {
    assert(x.channels() == spec_.in && out.channels() == out_channels() && x.rows() == out.rows());
    const FillRows fill = [&x](std::int64_t row, std::int64_t rows, std::int64_t k0,
                               std::int64_t k1, float* to) {
      for (std::int64_t r = 0; r < rows; ++r) {
        std::memcpy(to + r * kRowStride, host(x) + (row + r) * x.stride + k0,
                    static_cast<std::size_t>(k1 - k0) * sizeof(float));
      }
    };
    multiply(context_, matrix_, x.rows(), fill,
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
  const Context& context_;
  const LinearSpec spec_;
  const PackedMatrix matrix_;
};

}  // namespace

std::unique_ptr<LinearOp> make_linear(const Context& context, const LinearSpec& spec,
                                      const TensorSource& weight, const TensorSource* bias) {
  return std::make_unique<CpuLinear>(context, spec, weight, bias);
}

}  // namespace easel::cpu
