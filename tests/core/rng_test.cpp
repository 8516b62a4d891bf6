#include "core/rng.h"

#include <gtest/gtest.h>

#include <random>
#include <sstream>

#include "support/fixture_file.h"

namespace easel {
namespace {

void expect_close(std::span<const float> actual, std::span<const float> expected,
                  const std::string& what) {
  ASSERT_EQ(actual.size(), expected.size()) << what;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    ASSERT_NEAR(actual[i], expected[i], 1e-6) << what << " value " << i;
  }
}

TEST(Mt19937, EqualsTheStandardLibrarysTwister) {
  for (const std::uint32_t seed : {0u, 1u, 5489u, 0xffffffffu}) {
    std::mt19937 standard(seed);
    Mt19937 ours(seed);
    for (int i = 0; i < 2000; ++i)
      ASSERT_EQ(ours.next(), standard()) << "seed " << seed << " " << i;
  }
}

TEST(TorchCpuRng, GivesTorchsValuesOverManyDrawsFromOneGenerator) {
  std::istringstream file(testing::read_text(testing::data_file("torch_draws.txt")));
  std::optional<TorchCpuRng> rng;
  int draws = 0;
  for (std::string word; file >> word;) {
    if (word == "seed") {
      std::uint64_t seed = 0;
      file >> seed;
      rng.emplace(seed);
      continue;
    }
    ASSERT_EQ(word, "draw");
    std::size_t count = 0;
    file >> count;
    std::vector<float> expected(count);
    for (float& value : expected) file >> value;
    std::vector<float> values(count);
    rng->normal(values);
    expect_close(values, expected, "draw " + std::to_string(draws++));
  }
  EXPECT_EQ(draws, 33);
}

TEST(TorchCpuRng, SeedsWithTheLow32BitsAsTorchDoes) {
  std::vector<float> a(20), b(20);
  TorchCpuRng(7).normal(a);
  TorchCpuRng((std::uint64_t{1} << 32) + 7).normal(b);
  EXPECT_EQ(a, b);
}

TEST(TorchCpuRng, ACopyGoesOnFromTheSamePlace) {
  TorchCpuRng rng(3);
  std::vector<float> first(3), a(5), b(5);
  rng.normal(first);
  TorchCpuRng copy = rng;
  rng.normal(a);
  copy.normal(b);
  EXPECT_EQ(a, b);
}

TEST(TorchCpuRng, DrawingNothingConsumesNothing) {
  TorchCpuRng rng(3), other(3);
  rng.normal({});
  std::vector<float> a(5), b(5);
  rng.normal(a);
  other.normal(b);
  EXPECT_EQ(a, b);
}

}  // namespace
}  // namespace easel
