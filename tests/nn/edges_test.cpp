// Convolutions that see the other side beyond an edge, on every backend: a picture that is moved
// around gives the same result, moved around.

#include <gtest/gtest.h>

#include "core/rng.h"
#include "nn/conv2d.h"
#include "nn/tensor_ops.h"
#include "support/backends.h"
#include "support/compare.h"
#include "support/tensors.h"
#include "weights/random_weights.h"

namespace easel {
namespace {

struct WrappedCase {
  const char* name;
  Conv2dSpec spec;
};

const WrappedCase kWrappedCases[] = {
    {"plain", {.in = 8, .out = 8}},
    {"halving", {.in = 8, .out = 8, .stride = 2}},
    {"halving_after", {.in = 8, .out = 8, .stride = 2, .pad_before = 0}},
    {"doubling", {.in = 8, .out = 8, .upsample = true}},
};

class Wrapped : public ::testing::TestWithParam<testing::BackendCase> {
 protected:
  static constexpr std::int64_t kSide = 12;

  std::vector<float> random(std::size_t count, std::uint64_t seed) const {
    std::vector<float> values(count);
    TorchCpuRng(seed).normal(values);
    return values;
  }
  // [1, side, side, 8] moved to the left by `by` columns.
  Tensor moved(ConstView x, std::int64_t by) {
    const std::int64_t side = x.shape[1];
    const std::vector<float> values = testing::values_of(*backend_, x);
    std::vector<float> out(values.size());
    for (std::int64_t i = 0; i < side * side; ++i) {
      const std::int64_t from = i / side * side + (i % side + by) % side;
      std::copy_n(values.begin() + 8 * from, 8, out.begin() + 8 * i);
    }
    return testing::tensor_of(*backend_, x.shape, out);
  }

  const std::unique_ptr<Backend> backend_ = GetParam().make();
};

TEST_P(Wrapped, MovesWithItsInput) {
  for (const WrappedCase& one : kWrappedCases) {
    SCOPED_TRACE(one.name);
    Edges edges{.wrap_x = true};
    const Conv2d conv({*backend_, Scope::imagined(3), &edges}, one.spec);
    const std::size_t size = static_cast<std::size_t>(kSide * kSide * 8);
    const Tensor x = testing::tensor_of(*backend_, {1, kSide, kSide, 8}, random(size, 1));
    const Tensor y = conv(x);
    const std::int64_t by = 4, moved_by = by * y.shape()[1] / kSide;
    EXPECT_LE(testing::relative_rms(testing::values_of(*backend_, conv(moved(x, by))),
                                    testing::values_of(*backend_, moved(y, moved_by))),
              1e-5);
    edges = {};
    EXPECT_GT(testing::relative_rms(testing::values_of(*backend_, conv(moved(x, by))),
                                    testing::values_of(*backend_, moved(y, moved_by))),
              1e-3);
  }
}

TEST_P(Wrapped, AddsItsResidual) {
  Edges edges{.wrap_x = true, .wrap_y = true};
  const Conv2d conv({*backend_, Scope::imagined(3), &edges}, kWrappedCases[0].spec);
  const std::size_t size = static_cast<std::size_t>(kSide * kSide * 8);
  const Tensor x = testing::tensor_of(*backend_, {1, kSide, kSide, 8}, random(size, 1));
  const std::vector<float> more = random(size, 2);
  const Tensor residual = testing::tensor_of(*backend_, {1, kSide, kSide, 8}, more);
  std::vector<float> wanted = testing::values_of(*backend_, conv(x));
  for (std::size_t i = 0; i < size; ++i) wanted[i] += more[i];
  EXPECT_LE(
      testing::relative_rms(testing::values_of(*backend_, conv(x, {.residual = residual})), wanted),
      1e-6);
}

INSTANTIATE_TEST_SUITE_P(Backends, Wrapped, ::testing::ValuesIn(testing::all_backends()),
                         [](const auto& info) {
                           return testing::backend_case_name({info.param, 0});
                         });

}  // namespace
}  // namespace easel
