// What a plan says before a run, runs that start at a picture, and corrected predictions.

#include "diffusion/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/error.h"

namespace easel {
namespace {

using ::testing::HasSubstr;

const Schedule& schedule() {
  static const Schedule made{ScheduleConfig{}};
  return made;
}

constexpr LatentShape kLatent{.batch = 1, .channels = 4, .height = 3, .width = 5};

void sloped(std::span<const float> x, float t, std::span<float> out) {
  const double slope = 0.6 + 0.3 * std::cos(t / 300.0);
  for (std::size_t i = 0; i < x.size(); ++i) out[i] = static_cast<float>(x[i] * slope + 0.1);
}

// The exact noise when all pictures are `picture`.
Network knows(const std::vector<float>& picture) {
  return [&picture](std::span<const float> x, float t, std::span<float> eps) {
    const double sigma = schedule().sigma_at(t);
    const double signal = 1 / std::sqrt(1 + sigma * sigma), noise = sigma * signal;
    for (std::size_t i = 0; i < x.size(); ++i) {
      eps[i] = static_cast<float>((x[i] - signal * picture[i]) / noise);
    }
  };
}

std::vector<float> normal(std::uint64_t seed) {
  PerPictureNoise noise(seed, kLatent);
  std::vector<float> x(static_cast<std::size_t>(kLatent.elements()));
  noise.draw(x);
  return x;
}

std::vector<float> picture() {
  std::vector<float> values = normal(99);
  for (float& value : values) value *= 0.5f;
  return values;
}

TEST(Plan, NamesEveryTimestepThatTheNetworkIsAskedAt) {
  for (const Sampler& sampler : samplers()) {
    for (const double strength : {1.0, 0.6}) {
      const Plan plan = Plan(schedule(), {.sampler = sampler, .steps = 9}).from(strength);
      std::set<float> asked;
      const Network network = [&](std::span<const float> x, float t, std::span<float> out) {
        asked.insert(t);
        sloped(x, t, out);
      };
      PerPictureNoise noise(1, kLatent);
      std::vector<float> x = normal(1);
      int last = 0;
      plan.run(network, x, {.noise = &noise, .on_step = [&](const StepEvent& event) {
                              EXPECT_EQ(event.steps, plan.steps());
                              last = event.step;
                            }});
      EXPECT_EQ(std::vector<float>(asked.begin(), asked.end()), plan.timesteps()) << sampler.id;
      EXPECT_EQ(last, plan.steps()) << sampler.id;
    }
  }
}

TEST(Plan, FromFullStrengthIsThePlanItself) {
  for (const Sampler& sampler : samplers()) {
    const Plan plan(schedule(), {.sampler = sampler, .steps = 9});
    std::vector<float> whole = normal(3), same = whole;
    PerPictureNoise a(3, kLatent), b(3, kLatent);
    plan.run(sloped, whole, {.noise = &a});
    plan.from(1).run(sloped, same, {.noise = &b});
    EXPECT_EQ(whole, same) << sampler.id;
  }
}

TEST(Plan, FromAStrengthTakesThatShareOfTheStepsAtTheEnd) {
  for (const Sampler& sampler : samplers()) {
    const Plan plan(schedule(), {.sampler = sampler, .steps = 20});
    const Plan rest = plan.from(0.75);
    // Restart and DPM fast make of these what they will.
    if (sampler.id != "restart" && sampler.id != "dpm-fast") {
      EXPECT_EQ(rest.steps(), 15) << sampler.id;
      const std::vector<float> all = plan.timesteps(), some = rest.timesteps();
      EXPECT_TRUE(std::equal(some.begin(), some.end(), all.begin())) << sampler.id;
    }
    EXPECT_EQ(plan.from(0.01).steps(), 0) << sampler.id;
  }
}

TEST(Plan, FromNoStrengthLeavesThePictureAsItIs) {
  const Plan plan = Plan(schedule(), {.sampler = find_sampler("heun"), .steps = 10}).from(0);
  std::vector<float> x = normal(4);
  plan.start_at(picture(), x);
  EXPECT_EQ(x, picture());
  plan.run(sloped, x);
  EXPECT_EQ(x, picture());
  EXPECT_TRUE(plan.timesteps().empty());
}

// DPM fast ends at the lowest sigma above 0.
double distance_left(const Sampler& sampler) { return sampler.id == "dpm-fast" ? 0.15 : 2e-3; }

TEST(Plan, RunThatStartsAtAPictureComesBackToItWhereTheNetworkKnowsIt) {
  const std::vector<float> wanted = picture();
  for (const Sampler& sampler : samplers()) {
    if (sampler.consistency) continue;  // not for such networks
    const TimestepRule to_zero{.original = false, .steps_offset = 1, .set_alpha_to_one = true};
    const Plan whole(schedule(), {.sampler = sampler, .steps = 20, .eta = 0, .rule = to_zero});
    for (const double strength : {0.3, 0.8}) {
      const Plan plan = whole.from(strength);
      std::vector<float> x = normal(5);
      plan.start_at(wanted, x);
      PerPictureNoise noise(6, kLatent);
      plan.run(knows(wanted), x, {.noise = &noise});
      for (std::size_t i = 0; i < x.size(); ++i) {
        ASSERT_NEAR(x[i], wanted[i], distance_left(sampler)) << sampler.id;
      }
    }
  }
}

TEST(Plan, StartIsAsNoisyAsTheFirstTimestep) {
  for (const char* name : {"ddim", "euler"}) {
    const Plan plan = Plan(schedule(), {.sampler = find_sampler(name), .steps = 10}).from(0.5);
    const double sigma = schedule().sigma_at(plan.timesteps().back());
    const double signal = 1 / std::sqrt(1 + sigma * sigma);
    std::vector<float> x{2.0f};
    plan.start_at(std::vector<float>{3.0f}, x);
    EXPECT_NEAR(x[0], signal * 3 + signal * sigma * 2, 1e-5) << name;
  }
}

TEST(Plan, RefusesAStrengthThatIsNone) {
  const Plan plan(schedule(), {.sampler = find_sampler("ddim")});
  for (const double strength : {-0.1, 1.1, std::nan("")}) {
    try {
      plan.from(strength);
      ADD_FAILURE() << strength;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUsage);
      EXPECT_THAT(error.what(), HasSubstr("0 to 1"));
    }
  }
}

TEST(Correction, LeadsEverySamplerWhereItPoints) {
  const std::vector<float> wanted = picture();
  for (const Sampler& sampler : samplers()) {
    const TimestepRule to_zero{.original = false, .steps_offset = 1, .set_alpha_to_one = true};
    const Plan plan(schedule(), {.sampler = sampler, .steps = 12, .eta = 0, .rule = to_zero});
    std::vector<float> x = normal(6);
    double last = 1e9;
    const auto keep = [&](std::span<float> x0, double sigma) {
      EXPECT_LE(sigma, last * 1.0001) << sampler.id;
      last = sigma;
      std::ranges::copy(wanted, x0.begin());
    };
    PerPictureNoise noise(8, kLatent);
    plan.run(sloped, x, {.noise = &noise, .correct = keep});
    for (std::size_t i = 0; i < x.size(); ++i) {
      ASSERT_NEAR(x[i], wanted[i], distance_left(sampler)) << sampler.id;
    }
  }
}

TEST(Correction, ThatChangesNothingChangesNothing) {
  for (const Sampler& sampler : samplers()) {
    const Plan plan(schedule(), {.sampler = sampler, .steps = 12, .eta = 0});
    std::vector<float> plain = normal(7), corrected = plain;
    PerPictureNoise a(9, kLatent), b(9, kLatent);
    plan.run(sloped, plain, {.noise = &a});
    plan.run(sloped, corrected, {.noise = &b, .correct = [](std::span<float>, double) {}});
    for (std::size_t i = 0; i < plain.size(); ++i) {
      ASSERT_NEAR(corrected[i], plain[i], 1e-3 * (1 + std::abs(plain[i]))) << sampler.id;
    }
  }
}

}  // namespace
}  // namespace easel
