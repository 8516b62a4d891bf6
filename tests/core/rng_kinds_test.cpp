// The generators besides torch's own of the processor: against published vectors, numpy and the
// values that NVIDIA cards give.

#include "core/rng_kinds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"
#include "core/rng_numpy.h"
#include "support/fixture_file.h"

namespace easel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Random123's kat_vectors.
TEST(Philox, GivesThePublishedVectors) {
  EXPECT_THAT(philox_4x32_10({0, 0, 0, 0}, {0, 0}),
              ElementsAre(0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u));
  constexpr std::uint32_t kOnes = 0xffffffffu;
  EXPECT_THAT(philox_4x32_10({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}),
              ElementsAre(0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu));
  EXPECT_THAT(philox_4x32_10({0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u},
                             {0xa4093822u, 0x299f31d0u}),
              ElementsAre(0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u));
}

// torch.manual_seed(0); torch.randn(8, device="cuda")
TEST(PhiloxRng, GivesWhatTorchGivesOnACard) {
  const std::vector<float> expected{-0.9247f, -0.4253f, -2.6438f, 0.1452f,
                                    -0.1209f, -0.5797f, -0.6229f, -0.3284f};
  std::vector<float> values(8);
  PhiloxRng(0).normal(values);
  for (std::size_t i = 0; i < 8; ++i) EXPECT_NEAR(values[i], expected[i], 5e-5) << i;
}

TEST(PhiloxRng, DrawsAnewEachTimeAndByTheWholeSeed) {
  PhiloxRng one(7), same(7), other(7 + (std::uint64_t{1} << 32));
  std::vector<float> a(50), b(50), c(50);
  one.normal(a);
  same.normal(b);
  other.normal(c);
  EXPECT_EQ(a, b);
  EXPECT_NE(a, c);
  one.normal(c);
  EXPECT_NE(a, c);
  std::vector<float> longer(80);
  PhiloxRng(7).normal(longer);
  EXPECT_TRUE(std::equal(a.begin(), a.end(), longer.begin()));
}

TEST(PhiloxRng, IsNormal) {
  std::vector<float> values(200'000);
  PhiloxRng(3).normal(values);
  double sum = 0, squares = 0, fourth = 0;
  for (const float v : values) {
    sum += v;
    squares += v * v;
    fourth += std::pow(v, 4);
  }
  const auto n = static_cast<double>(values.size());
  EXPECT_NEAR(sum / n, 0, 0.01);
  EXPECT_NEAR(squares / n, 1, 0.02);
  EXPECT_NEAR(fourth / n, 3, 0.15);
}

// numpy.random.RandomState(seed).randn(5)
TEST(NumpyRng, GivesNumpysValues) {
  const std::map<std::uint32_t, std::vector<float>> expected{
      {0, {1.76405239f, 0.400157213f, 0.97873801f, 2.24089313f, 1.867558f}},
      {17, {0.276265889f, -1.85462809f, 0.623901129f, 1.14531124f, 1.03719044f}},
      {0xffffffffu, {0.648408651f, 0.669323504f, -1.08054376f, 0.284501046f, 0.113887735f}}};
  for (const auto& [seed, wanted] : expected) {
    std::vector<float> values(5);
    NumpyRng rng(seed);
    rng.normal(std::span(values).first(3));
    rng.normal(std::span(values).last(2));
    EXPECT_EQ(values, wanted) << seed;
  }
}

TEST(SeedSequence, GivesNumpysStates) {
  const std::vector<std::uint64_t> none, key{5, 3}, wide{std::uint64_t{1} << 33, 0};
  EXPECT_THAT(seed_sequence(42, none, 3), ElementsAre(387750627u, 2536650517u, 4078839648u));
  EXPECT_THAT(seed_sequence((std::uint64_t{1} << 40) + 3, key, 3),
              ElementsAre(3262805002u, 3352222441u, 534787907u));
  EXPECT_THAT(seed_sequence(0, wide, 3), ElementsAre(3376576525u, 2170254624u, 4213985114u));
}

TEST(RngKinds, HaveNames) {
  EXPECT_EQ(rng_named("torch-cpu"), RngKind::kTorchCpu);
  EXPECT_EQ(rng_named("nv"), RngKind::kNv);
  for (const RngName& row : rng_names()) EXPECT_EQ(name_of(rng_named(row.name)), row.name);
  try {
    rng_named("cuda");
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    EXPECT_THAT(error.what(), HasSubstr("torch-cpu and nv"));
  }
}

TEST(RngKinds, OfTheProcessorIsTorchs) {
  std::vector<float> a(40), b(40);
  NormalRng(RngKind::kTorchCpu, 5).normal(a);
  TorchCpuRng(5).normal(b);
  EXPECT_EQ(a, b);
}

}  // namespace
}  // namespace easel
