// What other programs' runs become: their noise levels and timesteps to the digit, their t_enc.

#include "diffusion/dialects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "support/fixture_file.h"
#include "toys.h"

namespace easel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::ldm;

std::vector<float> floats(std::span<const double> values) { return {values.begin(), values.end()}; }

void expect_levels(const Plan& plan, const std::vector<float>& expected, double tolerance,
                   const std::string& what) {
  const auto sigmas = plan.sigmas();
  ASSERT_EQ(sigmas.size(), expected.size()) << what;
  for (std::size_t i = 0; i < sigmas.size(); ++i) {
    EXPECT_NEAR(sigmas[i], expected[i], tolerance * expected[i]) << what << " level " << i;
  }
}

// The order in which the network is asked.
std::vector<float> asked(const Plan& plan, std::size_t pictures = 1) {
  std::vector<float> times;
  const Network network = [&](std::span<const float>, float t, std::span<float> out) {
    times.push_back(t);
    std::ranges::fill(out, 0.0f);
  };
  TorchCpuRng rng(1);
  BatchNoise noise(
      rng, {.batch = static_cast<std::int64_t>(pictures), .channels = 4, .height = 1, .width = 4});
  std::vector<float> x(16 * pictures, 1);
  plan.run(network, x, {.noise = &noise});
  return times;
}

// "DPM++_2M,_SGM_Uniform.sigmas"
A1111Run run_of(const std::string& sampler, const std::string& option) {
  A1111Run run{.sampler = sampler, .scheduler = "Automatic", .steps = 6};
  if (option == "quantized") run.quantization = true;
  if (option == "discard penultimate") run.discard_penultimate = true;
  if (option == "SGM noise multiplier") run.sgm_noise_multiplier = true;
  const bool schedule = run.quantization || run.discard_penultimate || run.sgm_noise_multiplier ||
                        option.starts_with("ENSD") || option.starts_with("clip");
  if (!schedule && !option.empty()) run.scheduler = option;
  return run;
}

// Cut from what the originals computed; the file's maker says from which.
const Json& known() {
  static const Json json = Json::parse(testing::read_text(testing::data_file("noise_levels.json")));
  return json;
}

TEST(A1111, MakesTheLevelsOfEverySamplerAndSchedule) {
  ASSERT_EQ(known()["a1111"].size(), 27u);
  for (const auto& [key, sigmas] : known()["a1111"].items()) {
    std::string name = key;
    std::ranges::replace(name, '_', ' ');
    const auto comma = name.find(", ");
    const std::string sampler = name.substr(0, comma);
    const std::string option = comma == std::string::npos ? "" : name.substr(comma + 2);
    const A1111Run run = run_of(sampler, option);
    expect_levels(Plan(ldm(), a1111_run(ldm(), run)), sigmas.get<std::vector<float>>(), 3e-7, key);
  }
}

TEST(A1111, ReadsOldNamesAndNewOnesAlike) {
  const auto levels = [](std::string_view sampler, std::string_view scheduler) {
    return floats(
        Plan(ldm(), a1111_run(ldm(), {.sampler = sampler, .scheduler = scheduler})).sigmas());
  };
  EXPECT_EQ(levels("DPM++ 2M Karras", ""), levels("DPM++ 2M", "Karras"));
  EXPECT_EQ(levels("DPM++ 2M", "Automatic"), levels("DPM++ 2M", "Karras"));
  EXPECT_EQ(levels("DPM++ 2M SDE Karras", ""), levels("dpmpp-2m-sde", "karras"));
  EXPECT_NE(levels("LMS Karras", ""), levels("LMS", ""));
  EXPECT_EQ(levels("Euler", "Uniform"), levels("Euler", "Automatic"));
  EXPECT_THROW(levels("Euler", "Beta"), Error);
  EXPECT_THROW(levels("Eulerish", ""), Error);
}

TEST(A1111, OldKarrasGoesFrom10To01) {
  const auto sigmas =
      floats(Plan(ldm(), a1111_run(ldm(), {.sampler = "DPM++ 2M", .steps = 5, .old_karras = true}))
                 .sigmas());
  EXPECT_NEAR(sigmas.front(), 10, 1e-5);
  EXPECT_NEAR(sigmas[4], 0.1, 1e-6);
}

TEST(A1111, LeavesDdimsLastStepOut) {
  const Plan plan(ldm(), a1111_run(ldm(), {.sampler = "DDIM", .steps = 10}));
  EXPECT_THAT(asked(plan), ElementsAre(901, 801, 701, 601, 501, 401, 301, 201, 101));
  const Plan odd(ldm(), a1111_run(ldm(), {.sampler = "DDIM", .steps = 6}));
  EXPECT_THAT(asked(odd), ElementsAre(997, 831, 665, 499, 333, 167));
  // PLMS looks ahead to where the run ends.
  const Plan plms(ldm(), a1111_run(ldm(), {.sampler = "PLMS", .steps = 2}));
  EXPECT_THAT(asked(plms), ElementsAre(501, 1));
}

TEST(A1111, TakesItsShareOfTheStepsForAPicture) {
  const Plan euler(ldm(), a1111_run(ldm(), {.sampler = "Euler", .steps = 10}));
  EXPECT_EQ(euler.from(0.6).steps(), 7);
  EXPECT_EQ(euler.from(1).steps(), 10);
  EXPECT_EQ(euler.from(0).steps(), 1);
  const Plan ddim(ldm(), a1111_run(ldm(), {.sampler = "DDIM", .steps = 10}));
  EXPECT_THAT(asked(ddim.from(0.6)), ElementsAre(501, 401, 301, 201, 101));
  // The noise is that of the timestep above the first one.
  std::vector<float> x{0};
  ddim.from(0.6).start_at(std::vector<float>{1}, x);
  EXPECT_FLOAT_EQ(x[0], std::sqrt(ldm().alphas_cumprod()[601]));
  EXPECT_EQ(ddim.from(0.1).steps(), 0);
  x = {0};
  ddim.from(0.1).start_at(std::vector<float>{1}, x);
  EXPECT_FLOAT_EQ(x[0], std::sqrt(ldm().alphas_cumprod()[101]));
}

TEST(CompVis, TakesItsShareOfTheStepsForAPicture) {
  const Plan plan(ldm(), compvis_run(ldm(), {.steps = 10}));
  EXPECT_THAT(asked(plan.from(0.75)), ElementsAre(601, 501, 401, 301, 201, 101, 1));
  std::vector<float> x{0};
  plan.from(0.75).start_at(std::vector<float>{1}, x);
  EXPECT_FLOAT_EQ(x[0], std::sqrt(ldm().alphas_cumprod()[701]));
}

TEST(CompVis, DpmSolverEndsAtTimestepZeroInTheTrainingsScaling) {
  const Plan plan(ldm(),
                  compvis_run(ldm(), {.solver = CompVisRun::Solver::kDpmSolver, .steps = 4}));
  EXPECT_THAT(asked(plan), ElementsAre(999, 749.25, 499.5, 249.75));
  EXPECT_NEAR(plan.sigmas().back(), ldm().sigma_min(), 1e-9);
  std::vector<float> x{2};
  plan.run([](std::span<const float>, float, std::span<float> out) { out[0] = 0; }, x);
  const double first = plan.sigmas().front(), last = plan.sigmas().back();
  // Nothing is taken away: x / sqrt(a) stays, and is told in the last level's scaling.
  EXPECT_NEAR(x[0], 2 * std::sqrt((1 + first * first) / (1 + last * last)), 1e-3);
}

TEST(CompVis, RefusesPlmsForV) {
  EXPECT_THROW(compvis_run(ldm(), {.solver = CompVisRun::Solver::kPlms,
                                   .parameterization = Parameterization::kV}),
               Error);
}

TEST(Sgm, VisitsWholeTimesteps) {
  ASSERT_EQ(known()["sgm"].size(), 5u);
  for (const Json& run : known()["sgm"]) {
    const auto sampler = run["sampler"].get<std::string>();
    const Plan plan(ldm(), sgm_run(ldm(), {.sampler = sampler, .steps = run["steps"].get<int>()}));
    expect_levels(plan, run["sigmas"].get<std::vector<float>>(), 3e-7, sampler);
    for (const float t : asked(plan)) EXPECT_EQ(t, std::floor(t)) << sampler;
  }
}

TEST(Diffusers, MakesTheLevelsAndTimestepsOfEveryCase) {
  ASSERT_EQ(known()["diffusers"].size(), 34u);
  for (const Json& run : known()["diffusers"]) {
    const auto scheduler = run["scheduler"].get<std::string>();
    const auto name = run["name"].get<std::string>();
    const Schedule schedule(diffusers_schedule(scheduler, run["config"]));
    const Plan plan(schedule, diffusers_run(schedule, {.scheduler = scheduler,
                                                       .config = run["config"],
                                                       .steps = run["steps"].get<int>()}));
    EXPECT_EQ(asked(plan), run["timesteps"].get<std::vector<float>>()) << name;
    // Heun's list names each level twice.
    if (run["sigmas"].is_null() || scheduler == "HeunDiscreteScheduler") continue;
    expect_levels(plan, run["sigmas"].get<std::vector<float>>(), 3e-6, name);
  }
}

TEST(Diffusers, DdimsStepsEndAStrideBelowWhateverComesNext) {
  const Json config{{"timestep_spacing", "trailing"}, {"beta_schedule", "scaled_linear"}};
  const PlanRequest request =
      diffusers_run(ldm(), {.scheduler = "DDIMScheduler", .config = config, .steps = 7});
  const auto& steps = std::get<TimestepPlan>(*request.path).steps;
  EXPECT_EQ(steps[1].timestep, 856);
  EXPECT_EQ(steps[0].alpha_next, ldm().alphas_cumprod()[999 - 142]);
}

TEST(Diffusers, RefusesWhatItHasNot) {
  const auto message = [](std::string_view scheduler, const Json& config) {
    try {
      diffusers_run(ldm(), {.scheduler = scheduler, .config = config, .steps = 5});
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
      return std::string(error.what());
    }
    return std::string("no error");
  };
  EXPECT_THAT(message("EDMEulerScheduler", Json::object()), HasSubstr("EDMEulerScheduler"));
  EXPECT_THAT(message("DDIMScheduler", {{"clip_sample", true}}), HasSubstr("clip_sample true"));
  EXPECT_THAT(message("PNDMScheduler", Json::object()), HasSubstr("Runge-Kutta"));
  EXPECT_THAT(message("DPMSolverMultistepScheduler", {{"solver_order", 3}}),
              HasSubstr("solver_order 3"));
  EXPECT_THAT(message("DPMSolverMultistepScheduler", {{"algorithm_type", "dpmsolver"}}),
              HasSubstr("algorithm_type dpmsolver"));
}

TEST(ZeroTerminalSnr, StartsFromNoiseAlone) {
  const Schedule schedule({.terminal_alpha = 0.0});
  EXPECT_EQ(schedule.alphas_cumprod()[999], 0);
  EXPECT_FLOAT_EQ(schedule.alphas_cumprod()[0], ldm().alphas_cumprod()[0]);
  EXPECT_LT(schedule.alphas_cumprod()[500], ldm().alphas_cumprod()[500]);
  const Json config{{"timestep_spacing", "trailing"}, {"prediction_type", "v_prediction"}};
  const Plan plan(
      schedule,
      diffusers_run(schedule, {.scheduler = "DDIMScheduler", .config = config, .steps = 4}));
  EXPECT_THAT(asked(plan), ElementsAre(999, 749, 499, 249));
  // The exact v of data that is always 0.5: the run must come to it from any noise.
  const Network v = [&](std::span<const float> x, float t, std::span<float> out) {
    const double a = schedule.alphas_cumprod()[static_cast<std::size_t>(t)];
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double eps = (x[i] - std::sqrt(a) * 0.5) / std::sqrt(1 - a);
      out[i] = static_cast<float>(std::sqrt(a) * eps - std::sqrt(1 - a) * 0.5);
    }
  };
  std::vector<float> x{2, -1};
  plan.run(v, x);
  EXPECT_NEAR(x[0], 0.5, 1e-5);
  EXPECT_NEAR(x[1], 0.5, 1e-5);
  EXPECT_THROW(Plan(schedule, {.sampler = find_sampler("euler")}), Error);
}

}  // namespace
}  // namespace easel
