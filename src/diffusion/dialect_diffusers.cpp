#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <utility>

#include "core/error.h"
#include "core/printable.h"
#include "diffusion/dialects.h"

namespace easel {
namespace {

enum class Spacing { kLinspace, kLeading, kTrailing };

// diffusers' UniPC lets the order fall towards the end.
const Sampler kFallingUniPc{.id = "unipc", .name = "UniPC", .run = unipc_2_falling};

constexpr int kSteady = 15;  // DPM-Solver's steps from which the last one is of full order

[[noreturn]] void fail_setting(std::string_view scheduler, std::string_view what) {
  fail(ErrorCode::kUnsupported, "the scheduler {} with {} is not supported", printable(scheduler),
       printable(what));
}

void want(const DiffusersRun& run, std::string_view key, const Json& wanted) {
  const Json* value = run.config.find(key);
  if (value != nullptr && !value->is_null() && !(*value == wanted)) {
    fail_setting(run.scheduler, std::string(key) + " " + value->dump());
  }
}

Spacing spacing_of(const DiffusersRun& run, std::string_view unless_said) {
  const auto name = run.config.value("timestep_spacing", std::string(unless_said));
  if (name == "linspace") return Spacing::kLinspace;
  if (name == "leading") return Spacing::kLeading;
  if (name == "trailing") return Spacing::kTrailing;
  fail_setting(run.scheduler, "timestep_spacing " + name);
}

// The timesteps of `steps` steps, falling. `spare` counts one that is made and left out at the low
// end, as the DPM solvers do.
std::vector<double> spaced_timesteps(const Schedule& schedule, const DiffusersRun& run,
                                     Spacing spacing, int spare) {
  const double all = schedule.timesteps();
  const int points = run.steps + spare;
  const int offset = run.config.value("steps_offset", 0);
  std::vector<double> timesteps;
  for (int i = 0; i < run.steps; ++i) {
    double t = 0;
    switch (spacing) {
      case Spacing::kLinspace:
        t = points > 1 ? (all - 1) * (points - 1 - i) / (points - 1) : 0;
        break;
      case Spacing::kLeading:
        t = (points - 1 - i) * std::floor(all / points) + offset;
        break;
      case Spacing::kTrailing:
        t = std::nearbyint(all - i * all / run.steps) - 1;
        break;
    }
    timesteps.push_back(std::clamp(t, 0.0, all - 1));
  }
  return timesteps;
}

void round_all(std::vector<double>& timesteps) {
  for (double& t : timesteps) t = std::nearbyint(t);
}

// sigma is interpolated, not its logarithm; rounded to float.
double sigma_at(const Schedule& schedule, double t) {
  const auto at = [&](double whole) {
    const double alpha = schedule.alphas_cumprod()[static_cast<std::size_t>(whole)];
    return std::sqrt((1 - alpha) / alpha);
  };
  const double low = std::floor(t), high = std::ceil(t);
  return static_cast<float>(at(low) + (t - low) * (at(high) - at(low)));
}

NoiseLevels levels_at(const Schedule& schedule, std::span<const double> timesteps) {
  NoiseLevels levels;
  for (const double t : timesteps) {
    levels.sigmas.push_back(sigma_at(schedule, t));
    levels.timesteps.push_back(static_cast<float>(t));
  }
  return levels;
}

// Karras' levels in the place of others; the network is told what lies between.
NoiseLevels karras_between(const Schedule& schedule, const LevelRange& range, int steps,
                           bool whole_timesteps) {
  NoiseLevels levels{.sigmas = karras_levels(range, steps)};
  if (!whole_timesteps) return levels;
  for (const double sigma : levels.sigmas) {
    levels.timesteps.push_back(static_cast<float>(std::nearbyint(schedule.timestep_at(sigma))));
  }
  return levels;
}

// DDIM and PNDM: each step ends a whole stride below its timestep, whatever comes next.
Path timestep_path(const Schedule& schedule, const DiffusersRun& run, bool alpha_to_one) {
  const int stride = schedule.timesteps() / run.steps;
  std::vector<double> timesteps = spaced_timesteps(schedule, run, spacing_of(run, "leading"), 0);
  round_all(timesteps);
  const auto alphas = schedule.alphas_cumprod();
  const bool to_one = run.config.value("set_alpha_to_one", alpha_to_one);
  TimestepPlan plan;
  for (const double t : timesteps) {
    const int now = static_cast<int>(t), next = now - stride;
    plan.steps.push_back({.timestep = now,
                          .alpha = alphas[static_cast<std::size_t>(now)],
                          .alpha_next = next >= 0 ? alphas[static_cast<std::size_t>(next)]
                                        : to_one  ? 1.0f
                                                  : alphas[0]});
  }
  return plan;
}

void plan_ddim(const Schedule& schedule, const DiffusersRun& run, PlanRequest& request) {
  want(run, "clip_sample", false);
  want(run, "thresholding", false);
  request.eta = run.eta.value_or(0);
  request.path = timestep_path(schedule, run, true);
}

void plan_pndm(const Schedule& schedule, const DiffusersRun& run, PlanRequest& request) {
  if (!run.config.value("skip_prk_steps", false)) fail_setting(run.scheduler, "Runge-Kutta steps");
  request.path = timestep_path(schedule, run, false);
}

// Euler's, LMS' and Heun's levels: timesteps stay fractional, and the start depends on the spacing.
void plan_sigmas_of(const Schedule& schedule, const DiffusersRun& run, PlanRequest& request) {
  want(run, "clip_sample", false);
  want(run, "interpolation_type", "linear");
  want(run, "timestep_type", "discrete");
  const Spacing spacing = spacing_of(run, "linspace");
  NoiseLevels levels = levels_at(schedule, spaced_timesteps(schedule, run, spacing, 0));
  if (run.config.value("use_karras_sigmas", false)) {
    const LevelRange range{.lowest = levels.sigmas.back(), .highest = levels.sigmas.front()};
    levels = karras_between(schedule, range, run.steps, false);
  }
  levels.sigmas.push_back(0);
  request.path = std::move(levels);
  if (spacing != Spacing::kLeading) request.start = StartScale::kSigma;
}

// DPM-Solver's and UniPC's.
NoiseLevels solver_levels(const Schedule& schedule, const DiffusersRun& run,
                          std::string_view ends_at) {
  want(run, "thresholding", false);
  want(run, "use_lu_lambdas", false);
  std::vector<double> timesteps = spaced_timesteps(schedule, run, spacing_of(run, "linspace"), 1);
  round_all(timesteps);
  const double lowest = sigma_at(schedule, 0);
  NoiseLevels levels = levels_at(schedule, timesteps);
  if (run.config.value("use_karras_sigmas", false)) {
    const LevelRange range{.lowest = lowest,
                           .highest = sigma_at(schedule, schedule.timesteps() - 1)};
    levels = karras_between(schedule, range, run.steps, true);
  }
  const bool to_zero = run.config.value("final_sigmas_type", std::string(ends_at)) == "zero";
  levels.sigmas.push_back(to_zero ? 0 : lowest);
  levels.ends_in_training_scaling = true;
  return levels;
}

void plan_dpm_solver(const Schedule& schedule, const DiffusersRun& run, PlanRequest& request) {
  want(run, "solver_order", 2);
  want(run, "solver_type", "midpoint");
  const NoiseLevels levels = solver_levels(schedule, run, "zero");
  const bool lower = run.config.value("lower_order_final", true) && run.steps < kSteady;
  request.first_order_at_end = lower || run.config.value("euler_at_final", false);
  request.path = levels;
}

void plan_unipc(const Schedule& schedule, const DiffusersRun& run, PlanRequest& request) {
  want(run, "solver_order", 2);
  want(run, "solver_type", "bh2");
  want(run, "predict_x0", true);
  want(run, "lower_order_final", true);
  want(run, "disable_corrector", Json::array());
  request.path = solver_levels(schedule, run, "sigma_min");
}

// The 50 timesteps of its training, of which the wanted number is picked evenly from the top.
void plan_lcm(const Schedule& schedule, const DiffusersRun& run, PlanRequest& request) {
  want(run, "clip_sample", false);
  want(run, "thresholding", false);
  const int origin = run.config.value("original_inference_steps", 50);
  if (origin < run.steps || origin > schedule.timesteps()) {
    fail(ErrorCode::kUsage, "{} steps are not possible: this scheduler picks from {}", run.steps,
         origin);
  }
  const int stride = schedule.timesteps() / origin;
  std::vector<double> timesteps;
  for (int i = 0; i < run.steps; ++i) {
    timesteps.push_back((origin - i * origin / run.steps) * stride - 1);
  }
  NoiseLevels levels = levels_at(schedule, timesteps);
  levels.sigmas.push_back(0);
  request.path = std::move(levels);
  request.consistency = Consistency{.timestep_scale = run.config.value("timestep_scaling", 10.0),
                                    .of_training_scaling = true};
}

struct Row {
  std::string_view scheduler;
  std::string_view sampler;  // its id; empty: diffusers' UniPC
  void (*plan)(const Schedule&, const DiffusersRun&, PlanRequest&);
};
constexpr std::array kRows{
    Row{"DDIMScheduler", "ddim", plan_ddim},
    Row{"PNDMScheduler", "plms", plan_pndm},
    Row{"EulerDiscreteScheduler", "euler", plan_sigmas_of},
    Row{"EulerAncestralDiscreteScheduler", "euler-a", plan_sigmas_of},
    Row{"LMSDiscreteScheduler", "lms", plan_sigmas_of},
    Row{"HeunDiscreteScheduler", "heun", plan_sigmas_of},
    Row{"DPMSolverMultistepScheduler", "dpmpp-2m", plan_dpm_solver},
    Row{"UniPCMultistepScheduler", "", plan_unipc},
    Row{"LCMScheduler", "lcm", plan_lcm},
};

const Sampler& sampler_of(const Row& row, const DiffusersRun& run) {
  if (row.sampler.empty()) return kFallingUniPc;
  const auto algorithm = run.config.value("algorithm_type", "dpmsolver++");
  if (algorithm == "sde-dpmsolver++") return find_sampler("dpmpp-2m-sde");
  if (algorithm != "dpmsolver++") fail_setting(run.scheduler, "algorithm_type " + algorithm);
  return find_sampler(row.sampler);
}

}  // namespace

ScheduleConfig diffusers_schedule(std::string_view scheduler, const Json& config) {
  ScheduleConfig schedule{
      .kind = beta_schedule_of_diffusers(config.value("beta_schedule", "linear")),
      .timesteps = config.value("num_train_timesteps", 1000),
      .linear_start = config.value("beta_start", 0.0001),
      .linear_end = config.value("beta_end", 0.02)};
  if (config.value("rescale_betas_zero_snr", false)) {
    const bool sigmas = scheduler.starts_with("Euler") || scheduler.starts_with("DPMSolver");
    schedule.terminal_alpha = sigmas ? kDiffusersTerminalAlpha : 0;
  }
  return schedule;
}

PlanRequest diffusers_run(const Schedule& schedule, const DiffusersRun& run) {
  check_steps(schedule, run.steps);
  for (const Row& row : kRows) {
    if (row.scheduler != run.scheduler) continue;
    PlanRequest request{
        .sampler = sampler_of(row, run),
        .steps = run.steps,
        .parameterization = parameterization_named(run.config.value("prediction_type", "epsilon")),
        .strength = StrengthRule::kDiffusers};
    row.plan(schedule, run, request);
    return request;
  }
  fail(ErrorCode::kUnsupported, "the scheduler {} is not supported", printable(run.scheduler));
}

}  // namespace easel
