#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

#include "core/error.h"
#include "diffusion/noise_levels.h"
#include "support/fixture_file.h"
#include "toys.h"

namespace easel {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::ldm;
using testing::usage_error;

std::vector<int> timesteps_of(const TimestepPlan& plan) {
  std::vector<int> timesteps;
  for (const auto& step : plan.steps) timesteps.push_back(step.timestep);
  return timesteps;
}

TEST(Schedule, EqualsTheOriginalsBuffersToTheBit) {
  // ldm-text is cut from what the original computed.
  const auto tensors = testing::read_safetensors(testing::fixture("ldm-text/expected.safetensors"));
  EXPECT_TRUE(std::ranges::equal(ldm().betas(), tensors.at("betas").values));
  EXPECT_TRUE(std::ranges::equal(ldm().alphas_cumprod(), tensors.at("alphas_cumprod").values));
}

TEST(Schedule, DdimAndPlmsVisitTheOriginalsTimesteps) {
  EXPECT_EQ(timesteps_of(plan_timesteps(ldm(), 10)),
            (std::vector{901, 801, 701, 601, 501, 401, 301, 201, 101, 1}));
}

TEST(Schedule, TheOtherKindsFollowTheirFormulas) {
  const Schedule plain(
      {.kind = BetaSchedule::kSqrtLinear, .linear_start = 1e-4, .linear_end = 0.02});
  EXPECT_FLOAT_EQ(plain.betas()[0], 1e-4f);
  EXPECT_FLOAT_EQ(plain.betas()[999], 0.02f);
  EXPECT_NEAR(plain.betas()[500], 1e-4 + (0.02 - 1e-4) * 500 / 999, 1e-8);
  EXPECT_NEAR(plain.alphas_cumprod()[999], 4.0358e-5, 1e-8);  // DDPM's well-known end

  const Schedule root({.kind = BetaSchedule::kSqrt, .linear_start = 1e-4, .linear_end = 4e-4});
  EXPECT_FLOAT_EQ(root.betas()[0], 0.01f);
  EXPECT_FLOAT_EQ(root.betas()[999], 0.02f);

  const Schedule cosine({.kind = BetaSchedule::kCosine});
  const double half = std::pow(std::cos((0.5 + 0.008) / 1.008 * std::numbers::pi / 2), 2) /
                      std::pow(std::cos(0.008 / 1.008 * std::numbers::pi / 2), 2);
  EXPECT_NEAR(cosine.alphas_cumprod()[499], half, 1e-6);
  EXPECT_FLOAT_EQ(cosine.betas()[999], 0.999f);
}

TEST(Schedule, RefusesNumbersThatMakeNoSchedule) {
  const auto refused = [](ScheduleConfig config) {
    try {
      const Schedule schedule(config);
    } catch (const Error& error) {
      return error.code() == ErrorCode::kUnsupported;
    }
    return false;
  };
  EXPECT_TRUE(refused({.timesteps = 0}));
  EXPECT_TRUE(refused({.timesteps = -5}));
  EXPECT_TRUE(refused({.timesteps = 2'000'000'000}));
  EXPECT_TRUE(refused({.linear_start = 0}));
  EXPECT_TRUE(refused({.linear_start = 0.02, .linear_end = 0.01}));
  EXPECT_TRUE(refused({.linear_end = 1}));
  EXPECT_TRUE(refused({.linear_start = std::nan("")}));
  EXPECT_TRUE(refused({.linear_end = std::numeric_limits<double>::infinity()}));
  EXPECT_TRUE(refused({.linear_start = 0.5, .linear_end = 0.9}));  // no signal left
  EXPECT_TRUE(refused({.kind = BetaSchedule::kCosine, .cosine_s = std::nan("")}));
  EXPECT_FALSE(refused({}));
}

TEST(Schedule, KnowsTheNamesOfBothWorlds) {
  EXPECT_EQ(beta_schedule_of_ldm("linear"), BetaSchedule::kLinear);
  EXPECT_EQ(beta_schedule_of_diffusers("scaled_linear"), BetaSchedule::kLinear);
  EXPECT_EQ(beta_schedule_of_ldm("sqrt_linear"), beta_schedule_of_diffusers("linear"));
  EXPECT_THROW(beta_schedule_of_ldm("scaled_linear"), Error);
  EXPECT_THROW(beta_schedule_of_diffusers("sqrt"), Error);
}

TEST(Schedule, SigmasAndTimestepsAreInverse) {
  EXPECT_NEAR(ldm().sigma_min(), 0.0292, 1e-4);
  EXPECT_NEAR(ldm().sigma_max(), 14.6146, 1e-3);
  for (double t = 0; t <= 999; t += 12.34)
    EXPECT_NEAR(ldm().timestep_at(ldm().sigma_at(t)), t, 1e-6);
  EXPECT_EQ(ldm().timestep_at(1e-9), 0);
  EXPECT_EQ(ldm().timestep_at(0), 0);
  EXPECT_EQ(ldm().timestep_at(1e9), 999);
  // Halfway in time is halfway in log(sigma).
  EXPECT_NEAR(ldm().sigma_at(500.5), std::sqrt(ldm().sigma_at(500) * ldm().sigma_at(501)), 1e-9);
}

TEST(TimestepPlan, FollowsTheRangeOfTheOriginalForEveryStepCount) {
  for (int steps = 1; steps <= 1000; ++steps) {
    std::vector<int> expected;
    for (int t = 0; t < 1000; t += 1000 / steps) expected.insert(expected.begin(), t + 1);
    const bool crashes = expected.front() == 1000;
    if (crashes) expected.front() = 999;
    if (expected.size() > 1 && expected[0] == expected[1]) expected.erase(expected.begin());
    const auto plan = plan_timesteps(ldm(), steps);
    ASSERT_EQ(timesteps_of(plan), expected) << steps;
    const bool says_so = plan.note.find("crash") != std::string::npos;
    ASSERT_EQ(says_so, crashes) << steps;
    ASSERT_EQ(plan.note.empty(), !crashes && std::ssize(expected) == steps) << steps;
  }
}

TEST(TimestepPlan, TheOriginalCrashesExactlyWhereItIsKnownTo) {
  std::set<int> known{3, 9, 27, 36, 37};
  for (int s = 101; s <= 111; ++s) known.insert(s);
  for (int s = 251; s <= 333; ++s) known.insert(s);
  for (int s = 501; s <= 1000; ++s) known.insert(s);
  for (int steps = 1; steps <= 1000; ++steps) {
    const auto plan = plan_timesteps(ldm(), steps);
    ASSERT_EQ(plan.note.find("crash") != std::string::npos, known.contains(steps)) << steps;
  }
}

TEST(TimestepPlan, SaysWhereTheStepsBecomeMore) {
  EXPECT_EQ(plan_timesteps(ldm(), 30).steps.size(), 31u);
  EXPECT_THAT(plan_timesteps(ldm(), 30).note, HasSubstr("30 steps become 31"));
  EXPECT_EQ(plan_timesteps(ldm(), 150).steps.size(), 167u);
  EXPECT_THAT(plan_timesteps(ldm(), 50).note, IsEmpty());
}

TEST(TimestepPlan, EndsAtTheFirstAlphaAsTheOriginalDoes) {
  const auto plan = plan_timesteps(ldm(), 20);
  const auto alphas = ldm().alphas_cumprod();
  EXPECT_EQ(plan.steps.back().alpha, alphas[1]);
  EXPECT_EQ(plan.steps.back().alpha_next, alphas[0]);
  for (std::size_t i = 0; i + 1 < plan.steps.size(); ++i) {
    EXPECT_EQ(plan.steps[i].alpha_next, plan.steps[i + 1].alpha);
  }
}

TEST(TimestepPlan, FollowsDiffusersRuleWhenAsked) {
  const auto plan = plan_timesteps(ldm(), 30, {.original = false});
  EXPECT_EQ(plan.steps.size(), 30u);
  EXPECT_EQ(plan.steps.front().timestep, 29 * 33);
  EXPECT_EQ(plan.steps.back().timestep, 0);
  EXPECT_EQ(plan.steps.back().alpha_next, 1.0f);
  EXPECT_THAT(plan.note, IsEmpty());

  const auto shifted =
      plan_timesteps(ldm(), 50, {.original = false, .steps_offset = 1, .set_alpha_to_one = false});
  EXPECT_EQ(timesteps_of(shifted), timesteps_of(plan_timesteps(ldm(), 50)));
  EXPECT_EQ(shifted.steps.back().alpha_next, ldm().alphas_cumprod()[0]);
}

TEST(TimestepPlan, KeepsWildOffsetsWithinTheTable) {
  for (const int offset : {-2000, 5, 5000}) {
    const auto plan = plan_timesteps(ldm(), 1000, {.original = false, .steps_offset = offset});
    for (const int t : timesteps_of(plan)) ASSERT_TRUE(t >= 0 && t <= 999) << offset;
  }
}

TEST(TimestepPlan, RefusesStepsBeyondTheSchedule) {
  for (const int steps : {0, -1, 1001}) {
    EXPECT_THAT(usage_error([&] { plan_timesteps(ldm(), steps); }), HasSubstr("1 to 1000"));
    EXPECT_THAT(usage_error([&] { plan_sigmas(ldm(), steps, SigmaSpacing::kUniform); }),
                HasSubstr("1 to 1000"));
  }
}

TEST(SigmaPlan, FallsToZeroForEverySpacingAndStepCount) {
  for (const auto& [id, name, spacing] : sigma_spacings()) {
    // Those that end at sigma_min.
    if (spacing == SigmaSpacing::kKlOptimal || spacing == SigmaSpacing::kTimeUniform) continue;
    const int most = spacing == SigmaSpacing::kLcm ? 50 : 1000;
    for (int steps = 1; steps <= most; ++steps) {
      const auto sigmas = plan_sigmas(ldm(), steps, spacing);
      ASSERT_EQ(std::ssize(sigmas), steps + 1);
      ASSERT_EQ(sigmas.back(), 0);
      for (std::size_t i = 0; i + 1 < sigmas.size(); ++i) {
        ASSERT_GT(sigmas[i], sigmas[i + 1]) << id << " " << steps << " step " << i;
      }
    }
  }
}

TEST(SigmaPlan, StartsAndEndsWhereItsSpacingSays) {
  const auto uniform = plan_sigmas(ldm(), 10, SigmaSpacing::kUniform);
  EXPECT_NEAR(uniform[0], ldm().sigma_max(), 1e-9);
  EXPECT_NEAR(uniform[3], ldm().sigma_at(666), 1e-9);
  EXPECT_NEAR(uniform[9], ldm().sigma_min(), 1e-9);
  const auto trailing = plan_sigmas(ldm(), 10, SigmaSpacing::kTrailing);
  EXPECT_NEAR(trailing[0], ldm().sigma_max(), 1e-9);
  EXPECT_NEAR(trailing[9], ldm().sigma_at(99), 1e-9);
  const auto leading = plan_sigmas(ldm(), 10, SigmaSpacing::kLeading);
  EXPECT_NEAR(leading[0], ldm().sigma_at(901), 1e-9);
  EXPECT_NEAR(leading[9], ldm().sigma_at(1), 1e-9);
  const auto karras = plan_sigmas(ldm(), 10, SigmaSpacing::kKarras);
  EXPECT_NEAR(karras[0], ldm().sigma_max(), 1e-9);
  EXPECT_NEAR(karras[9], ldm().sigma_min(), 1e-9);
  EXPECT_NEAR(
      std::pow(karras[3], 1 / 7.0),
      std::pow(ldm().sigma_max(), 1 / 7.0) * 6 / 9 + std::pow(ldm().sigma_min(), 1 / 7.0) * 3 / 9,
      1e-9);
}

TEST(SigmaPlan, KnowsItsSpacingsByName) {
  EXPECT_EQ(sigma_spacing_named("karras"), SigmaSpacing::kKarras);
  EXPECT_THAT(usage_error([] { sigma_spacing_named("evenly"); }), HasSubstr("trailing"));
  EXPECT_EQ(sigma_spacing_named("SGM Uniform"), SigmaSpacing::kSgmUniform);
  EXPECT_EQ(sigma_spacing_named("Align Your Steps"), SigmaSpacing::kAlignYourSteps);
}

}  // namespace
}  // namespace easel
