// Noise by noise levels: torchsde's tree, and who is given one.

#include "diffusion/brownian.h"

#include <gtest/gtest.h>

#include <cmath>

#include "support/fixture_file.h"

namespace easel {
namespace {

constexpr std::size_t kSize = 400;
constexpr LatentShape kTwoPictures{.batch = 2, .channels = 4, .height = 3, .width = 5};

std::vector<float> increment(const BrownianTree& tree, double from, double to) {
  std::vector<float> out(kSize);
  tree.increment(from, to, out);
  return out;
}

TEST(BrownianTree, GivesTorchsdesValuesForEverySeedAndStepOfTheFixture) {
  const auto tensors = testing::read_safetensors(testing::data_file("brownian.safetensors"));
  const auto& sigmas = tensors.at("sigmas").values;
  int compared = 0;
  for (const auto& [name, tensor] : tensors) {  // "seed42.half3"
    if (!name.starts_with("seed") || name.starts_with("seed_")) continue;
    const std::uint64_t seed = std::stoull(name.substr(4));
    const std::size_t i = static_cast<std::size_t>(name.back() - '0');
    const bool half = name.find("half") != std::string::npos;
    const auto& s = tensor.shape;
    BrownianNoise noise(
        RngKind::kTorchCpu, std::vector{seed},
        {.batch = s[0], .channels = s[1], .height = s[2], .width = s[3], .channels_last = false},
        {.lowest = sigmas[sigmas.size() - 2], .highest = sigmas[0]});
    std::vector<float> values(tensor.values.size());
    const float middle = std::exp((std::log(sigmas[i]) + std::log(sigmas[i + 1])) / 2);
    noise.draw(sigmas[i], half ? middle : sigmas[i + 1], values);
    // The middle's last digit decides over the sixth decimal, and a Brownian motion moves by 1e-3
    // of its deviation in 1e-6 of time.
    const double tolerance = half ? 1e-2 : 2e-6;
    for (std::size_t k = 0; k < values.size(); ++k) {
      ASSERT_NEAR(values[k], tensor.values[k], tolerance) << name << " value " << k;
    }
    ++compared;
  }
  EXPECT_EQ(compared, 30);
}

TEST(BrownianTree, IsOneMotionWhateverIsAsked) {
  const BrownianTree tree(RngKind::kTorchCpu, 11, 0.03, 14.6, kSize);
  const auto whole = increment(tree, 0.03, 14.6);
  const auto low = increment(tree, 0.03, 1.234567);
  const auto middle = increment(tree, 1.234567, 5.5);
  const auto high = increment(tree, 5.5, 14.6);
  for (std::size_t i = 0; i < kSize; ++i) {
    EXPECT_NEAR(low[i] + middle[i] + high[i], whole[i], 2e-5);
  }
  EXPECT_EQ(increment(tree, 1.234567, 5.5), middle);
  EXPECT_EQ(increment(tree, 2, 2), std::vector<float>(kSize));
  EXPECT_EQ(increment(tree, 0, 100), whole);  // clamped
}

TEST(BrownianTree, VariesAsMuchAsTimePasses) {
  const BrownianTree tree(RngKind::kNv, 5, 0.03, 14.6, kSize);
  for (const auto& [from, to] : {std::pair{0.03, 14.6}, {0.1, 0.2}, {3.0, 7.0}}) {
    double squares = 0;
    for (const float value : increment(tree, from, to)) squares += value * value;
    EXPECT_NEAR(squares / kSize / (to - from), 1, 0.25) << from << " to " << to;
  }
}

TEST(BrownianNoise, HasTheOtherSignWhereTheNoiseFalls) {
  PerPictureNoise source(3, kTwoPictures);
  const auto noise = source.between(0.1, 10);
  std::vector<float> up(120), down(120);
  noise->draw(1, 2, up);
  noise->draw(2, 1, down);
  for (std::size_t i = 0; i < up.size(); ++i) EXPECT_FLOAT_EQ(up[i], -down[i]);
}

TEST(BrownianNoise, OfAPictureIsThatPicturesAlone) {
  LatentShape one = kTwoPictures;
  one.batch = 1;
  std::vector<float> both(120), first(60), second(60);
  PerPictureNoise(8, kTwoPictures).between(0.1, 10)->draw(5, 2, both);
  PerPictureNoise(8, one).between(0.1, 10)->draw(5, 2, first);
  PerPictureNoise(9, one).between(0.1, 10)->draw(5, 2, second);
  first.insert(first.end(), second.begin(), second.end());
  EXPECT_EQ(both, first);
}

TEST(StepNoise, OfASharedGeneratorIsItsNextDraw) {
  TorchCpuRng a(4), b(4);
  BatchNoise source(a, kTwoPictures), same(b, kTwoPictures);
  std::vector<float> drawn(120), expected(120);
  source.between(0.1, 10)->draw(5, 2, drawn);
  same.draw(expected);
  EXPECT_EQ(drawn, expected);
}

TEST(PerPictureNoise, BeginsAnewWithOtherSeeds) {
  PerPictureNoise noise(100, kTwoPictures), expected(100 + 31337, kTwoPictures);
  std::vector<float> a(120), b(120);
  noise.draw(a);
  noise.reseed(31337);
  noise.draw(a);
  expected.draw(b);
  EXPECT_EQ(a, b);
  PerPictureNoise card(std::vector<std::uint64_t>{100, 101}, kTwoPictures, RngKind::kNv);
  card.draw(b);
  EXPECT_NE(a, b);
}

}  // namespace
}  // namespace easel
