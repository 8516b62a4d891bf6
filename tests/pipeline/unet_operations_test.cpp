// What a pass of the UNet costs, and what DeepCache leaves out of it: counted where nothing is
// computed, against a backend that computes; and worked out by hand.

#include "pipeline/diffusing/unet_operations.h"

#include <gtest/gtest.h>

#include "backend/profile.h"
#include "core/rng.h"
#include "support/backends.h"
#include "support/tensors.h"
#include "weights/scope.h"

namespace easel {
namespace {

struct NetworkCase {
  const char* name;
  UNetConfig config;
};

const UNetConfig kAttentionEverywhere{.in_channels = 4,
                                      .out_channels = 4,
                                      .model_channels = 32,
                                      .channel_mult = {1, 2, 2},
                                      .num_res_blocks = 2,
                                      .attention_resolutions = {4, 2, 1},
                                      .num_heads = 4,
                                      .transformer_depth = 2,
                                      .context_channels = 24};
const UNetConfig kAttentionBelow{.in_channels = 8,
                                 .out_channels = 8,
                                 .model_channels = 32,
                                 .channel_mult = {1, 3},
                                 .num_res_blocks = 1,
                                 .attention_resolutions = {2},
                                 .num_heads = 4,
                                 .context_channels = 16};
const UNetConfig kOneLevel{.in_channels = 4,
                           .out_channels = 4,
                           .model_channels = 32,
                           .channel_mult = {1},
                           .num_res_blocks = 1,
                           .attention_resolutions = {},
                           .num_heads = 2,
                           .context_channels = 16};

const UNetConfig kToldMore{.in_channels = 4,
                           .out_channels = 4,
                           .model_channels = 32,
                           .channel_mult = {1, 2},
                           .num_res_blocks = 1,
                           .attention_resolutions = {2},
                           .num_heads = 2,
                           .context_channels = 16,
                           .label_channels = 24,
                           .guidance_channels = 8};

constexpr int kTokens = 5;
constexpr int kHeight = 8, kWidth = 12;

class UNetOperationsTest : public ::testing::TestWithParam<NetworkCase> {
 protected:
  Tensor noise(Shape shape, std::uint64_t seed) {
    std::vector<float> values(static_cast<std::size_t>(shape.elements()));
    TorchCpuRng(seed).normal(values);
    return testing::tensor_of(*counting_, shape, values);
  }
  Tensor picture(std::uint64_t seed, int pictures = 2) {
    return noise({pictures, kHeight, kWidth, GetParam().config.in_channels}, seed);
  }
  /// Runs a pass; returns the result and leaves in `counted` what it cost. With `deep`: in parts,
  /// with the deep levels' output kept there, and computed where it is empty.
  Tensor run(const Tensor& x, int halves, Tensor* deep) {
    const float timesteps[] = {500.0f};
    const UNetConfig& config = GetParam().config;
    const std::vector<float> guidance(static_cast<std::size_t>(config.guidance_channels), 0.5f);
    UNetTimes times{.timesteps = timesteps, .guidance = guidance};
    const Tensor labels = noise({1, std::max<std::int64_t>(1, config.label_channels)}, 4);
    if (config.label_channels > 0) times.labels = labels;
    const TimeEmbeddings time = unet_.embed_timesteps(times);
    const UNetContext context = unet_.prepare_context(contexts_);
    const std::vector<int> rows(static_cast<std::size_t>(x.batch()), 0);
    std::vector<int> context_of(rows.size() * static_cast<std::size_t>(halves), 1);
    if (halves == 2) std::fill_n(context_of.begin(), rows.size(), 0);
    profile_.clear();
    const UNetConditioning how{
        .time = time, .time_rows = rows, .context = context, .context_of = context_of};
    Tensor out = deep == nullptr ? unet_(x, how) : run_in_parts(x, how, *deep);
    counted = 0;
    for (const auto& [name, entry] : profile_) counted += entry.flops;
    return out;
  }
  Tensor run_in_parts(const Tensor& x, const UNetConditioning& how, Tensor& deep) {
    UNet::FirstLevel first = unet_.first_level(x, how);
    if (deep.empty()) deep = unet_.deep_levels(first, how);
    return unet_.finish(std::move(first), deep, how);
  }
  std::vector<float> values(const Tensor& x) { return testing::values_of(*counting_, x); }
  UNetOperations expected(int halves) {
    return counter_(
        {.pictures = 2, .halves = halves, .height = kHeight, .width = kWidth, .tokens = kTokens});
  }

  double counted = 0;
  std::unique_ptr<Backend> backend_ = testing::usual_backend().make();
  Profile profile_;
  std::unique_ptr<Backend> counting_ = make_profiling_backend(*backend_, profile_);
  UNetCounter counter_ = UNetCounter(GetParam().config);
  UNet unet_ = UNet({*counting_, Scope::imagined(1)}, GetParam().config);
  Tensor contexts_ = noise({2, kTokens, GetParam().config.context_channels}, 3);
};

TEST_P(UNetOperationsTest, AreThoseThatTheBackendCounts) {
  for (const int halves : {1, 2}) {
    run(picture(1), halves, nullptr);
    EXPECT_DOUBLE_EQ(counted, expected(halves).all()) << halves;
  }
}

// conv_in, a ResBlock each way and in the middle twice, a transformer, conv_out; a skip connection
// where the way up joins another.
TEST(UNetCounterTest, OneLevelIsWhatItsLayersAddUpTo) {
  constexpr double pixels = kHeight * kWidth, c = 32;
  constexpr double conv = 9 * c * c * pixels, row = c * c * pixels;
  constexpr double ends = 2 * 9 * 4 * c * pixels;
  constexpr double down = 2 * conv;
  constexpr double up = 2 * (2 * conv + conv + 2 * row);
  constexpr double middle = 4 * conv;
  constexpr double transformer =
      (1 + 3 + 1 + 1 + 1 + 8 + 4 + 1) * row + 2 * pixels * pixels * c + 2 * pixels * kTokens * c;
  UNetCounter count(kOneLevel);
  const UNetOperations operations =
      count({.pictures = 1, .halves = 1, .height = kHeight, .width = kWidth, .tokens = kTokens});
  EXPECT_DOUBLE_EQ(operations.first_level, 2 * (ends + down + up));
  EXPECT_DOUBLE_EQ(operations.deep_levels, 2 * (middle + transformer));
}

TEST_P(UNetOperationsTest, OnlyTheFirstLevelIsComputedWhereTheDeepOnesAreGiven) {
  for (const int halves : {1, 2}) {
    Tensor deep;
    run(picture(1), halves, &deep);
    EXPECT_DOUBLE_EQ(counted, expected(halves).all());
    ASSERT_FALSE(deep.empty());
    run(picture(2), halves, &deep);
    EXPECT_DOUBLE_EQ(counted, expected(halves).first_level);
    EXPECT_GT(counted, 0);
  }
}

TEST_P(UNetOperationsTest, GivenTheirOwnOutputTheResultIsTheSameToTheByte) {
  Tensor deep;
  const Tensor exact = run(picture(1), 2, nullptr);
  const Tensor filled = run(picture(1), 2, &deep);
  const Tensor reused = run(picture(1), 2, &deep);
  EXPECT_EQ(values(filled), values(exact));
  EXPECT_EQ(values(reused), values(exact));
  const Tensor stale = run(picture(2), 2, &deep), fresh = run(picture(2), 2, nullptr);
  EXPECT_NE(values(stale), values(fresh));
}

INSTANTIATE_TEST_SUITE_P(Networks, UNetOperationsTest,
                         ::testing::Values(NetworkCase{"AttentionEverywhere", kAttentionEverywhere},
                                           NetworkCase{"AttentionBelow", kAttentionBelow},
                                           NetworkCase{"OneLevel", kOneLevel},
                                           NetworkCase{"ToldMore", kToldMore}),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace easel
