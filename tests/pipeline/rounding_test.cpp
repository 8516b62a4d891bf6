// What rounding costs a picture of the model that ships: ten guided DDIM steps from the same noise,
// in decibels from the reference backend's. (tests/parity holds it to the original's pictures.)

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "models.h"

namespace easel {
namespace {

struct RoundingCase {
  std::string name;
  BackendOptions backend;
  double least_psnr;
  bool eight_bits = false;
};

void PrintTo(const RoundingCase& rounding, std::ostream* out) { *out << rounding.name; }

std::vector<RoundingCase> cases() {
  std::vector<RoundingCase> all = {
      {"Float32", {.name = "cpu"}, 50},
      {"Float16Weights", {.name = "cpu", .precision = Precision::kF16}, 35},
      {"EightBitWeights", {.name = "cpu"}, 35, true}};
  if (std::ranges::count(onednn_targets(), "bf16") > 0) {
    all.push_back({"Bfloat16", {.name = "onednn", .target = "bf16"}, 40});
  }
  return all;
}

class Rounding : public ::testing::TestWithParam<RoundingCase> {
 protected:
  static std::vector<float> draw(const ModelLocation& model, const DrawingOptions& options,
                                 testing::Asked asked, NoiseSource* noise) {
    asked.recipe.method = Diffusion{.steps = 10, .sampler = "ddim", .scale = 5};
    asked.which.keep_latents = true;
    testing::TestModel network(model, options);
    return network.draw(asked, {.noise = noise}).at(0).decoded;
  }

  // Both in [-1, 1]; decibels of [0, 1].
  static void expect_near(std::vector<float> picture, const std::vector<float>& exact) {
    ASSERT_EQ(picture.size(), exact.size());
    double squares = 0;
    for (std::size_t i = 0; i < exact.size(); ++i) {
      const double difference = double{std::clamp(picture[i], -1.0f, 1.0f)} - exact[i];
      squares += difference * difference / 4;
    }
    const double psnr =
        10 * std::log10(static_cast<double>(exact.size()) / std::max(squares, 1e-12));
    std::printf("             %.1f dB\n", psnr);
    EXPECT_GE(psnr, GetParam().least_psnr);
  }
};

TEST_P(Rounding, TheModelThatShipsDrawsTheReferencesPicture) {
  const ModelLocation model{.path = testing::default_model()};
  const testing::Asked asked =
      testing::asked("a cat wearing sunglasses, in the style of Van Gogh", {}, 1);
  static const std::vector<float> exact = [&] {
    std::vector<float> values = draw(model, {.backend = {.name = "reference"}}, asked, nullptr);
    for (float& value : values) value = std::clamp(value, -1.0f, 1.0f);
    return values;
  }();
  expect_near(draw(model, {.backend = GetParam().backend, .eight_bits = GetParam().eight_bits},
                   asked, nullptr),
              exact);
}

INSTANTIATE_TEST_SUITE_P(Cases, Rounding, ::testing::ValuesIn(cases()),
                         [](const auto& param_info) { return param_info.param.name; });

}  // namespace
}  // namespace easel
