#include <array>
#include <cmath>
#include <utility>

#include "core/error.h"
#include "core/printable.h"
#include "diffusion/dialects.h"

namespace easel {

NoiseLevels time_uniform_levels(const Schedule& schedule, double first, int steps) {
  const auto log_alpha = [&](double t) {
    return 0.5 * std::log(double{schedule.alphas_cumprod()[static_cast<std::size_t>(t)]});
  };
  NoiseLevels levels{.ends_in_training_scaling = true};
  for (int i = 0; i <= steps; ++i) {
    const double t = first * (steps - i) / steps;
    const double low = std::floor(t), high = std::ceil(t), part = t - low;
    const double signal = std::exp((1 - part) * log_alpha(low) + part * log_alpha(high));
    levels.sigmas.push_back(std::sqrt(1 - signal * signal) / signal);
    levels.timesteps.push_back(static_cast<float>(t));
  }
  return levels;
}

PlanRequest compvis_run(const Schedule& schedule, const CompVisRun& run) {
  constexpr int kSteady = 15;  // steps from which the last one is of full order
  using Solver = CompVisRun::Solver;
  check_steps(schedule, run.steps);
  PlanRequest request{.sampler = find_sampler(run.solver == Solver::kDdim   ? "ddim"
                                              : run.solver == Solver::kPlms ? "plms"
                                                                            : "dpmpp-2m"),
                      .steps = run.steps,
                      .parameterization = run.parameterization,
                      .strength = StrengthRule::kCompVis};
  if (run.solver == Solver::kDdim) request.eta = run.eta;
  if (run.solver == Solver::kPlms && run.parameterization == Parameterization::kV) {
    fail(ErrorCode::kUnsupported,
         "plms is for models that predict the noise, and this one predicts v");
  }
  if (run.solver == Solver::kDpmSolver) {
    request.path = time_uniform_levels(schedule, schedule.timesteps() - 1, run.steps);
    request.first_order_at_end = run.steps < kSteady;
  }
  return request;
}

PlanRequest sgm_run(const Schedule& schedule, const SgmRun& run) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kNames{
      {{"EulerEDMSampler", "euler"},
       {"HeunEDMSampler", "heun"},
       {"EulerAncestralSampler", "euler-a"},
       {"DPMPP2MSampler", "dpmpp-2m"},
       {"DPMPP2SAncestralSampler", "dpmpp-2s-a"},
       {"LinearMultistepSampler", "lms"}}};
  check_steps(schedule, run.steps);
  for (const auto& [theirs, ours] : kNames) {
    if (theirs != run.sampler) continue;
    NoiseLevels levels{.told = NoiseLevels::Told::kNearest};
    const double last = schedule.timesteps() - 1;
    for (int i = 0; i < run.steps; ++i) {
      const double t = run.steps == schedule.timesteps() ? last - i : last - i * last / run.steps;
      levels.sigmas.push_back(level_at(schedule, std::floor(t)));
    }
    levels.sigmas.push_back(0);
    return {.sampler = find_sampler(ours),
            .steps = run.steps,
            .parameterization = run.parameterization,
            .path = std::move(levels)};
  }
  fail(ErrorCode::kUsage, "there is no sampler \"{}\" in generative-models, or none that Easel has",
       printable(run.sampler));
}

}  // namespace easel
