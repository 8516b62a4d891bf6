#include <algorithm>
#include <cmath>
#include <utility>

#include "diffusion/dialects.h"
#include "diffusion/names.h"

namespace easel {
namespace {

// Its UniPC is the authors' own code in its settings' defaults, not what Easel calls so.
const Sampler kThirdOrderUniPc{.id = "unipc", .name = "UniPC", .run = unipc_3_bh1};

// Not among Easel's own: how long its steps are depends on all pictures of the batch.
const Sampler kDpmAdaptive{.id = "dpm-adaptive",
                           .name = "DPM adaptive",
                           .run = dpm_adaptive,
                           .default_eta = 1,
                           .takes_eta = true};

const Sampler& sampler_named(std::string_view name) {
  if (plain_name(name) == plain_name(kDpmAdaptive.name)) return kDpmAdaptive;
  return find_sampler(name);
}

struct Choice {
  const Sampler& sampler;
  std::optional<SigmaSpacing> spacing;  // else its automatic one
};

// "DPM++ 2M SDE Karras" and "DPM++ 2M SDE" with "Karras" are one choice.
Choice choice_of(const A1111Run& run) {
  std::optional<SigmaSpacing> spacing;
  if (const std::string name = plain_name(run.scheduler); !name.empty() && name != "automatic") {
    spacing = sigma_spacing_named(run.scheduler);
  }
  for (const SpacingName& row : sigma_spacings()) {
    const auto end = run.sampler.size() - std::min(run.sampler.size(), row.name.size());
    if (row.name.empty() || plain_name(run.sampler.substr(end)) != plain_name(row.name)) continue;
    if (!spacing) spacing = row.spacing;
    return {sampler_named(run.sampler.substr(0, end)), spacing};
  }
  return {sampler_named(run.sampler), spacing};
}

// range(0, 1000, 1000 // S) + 1, within the table.
std::vector<int> timesteps_of(const Schedule& schedule, int steps) {
  std::vector<int> timesteps;
  for (int t = 0; t < schedule.timesteps(); t += schedule.timesteps() / steps) {
    timesteps.push_back(std::min(t + 1, schedule.timesteps() - 1));
  }
  return timesteps;
}

// Its DDIM and PLMS never take the last step: they end at the lowest timestep.
TimestepPlan timestep_plan(const Schedule& schedule, int steps) {
  const std::vector<int> timesteps = timesteps_of(schedule, steps);
  const auto alpha = [&](int t) { return schedule.alphas_cumprod()[static_cast<std::size_t>(t)]; };
  TimestepPlan plan;
  for (std::size_t i = timesteps.size() - 1; i > 0; --i) {
    plan.steps.push_back({.timestep = timesteps[i],
                          .alpha = alpha(timesteps[i]),
                          .alpha_next = alpha(timesteps[i - 1])});
  }
  plan.end = timesteps.front();
  return plan;
}

std::vector<double> uniform_levels(const Schedule& schedule, int count) {
  std::vector<double> sigmas;
  const auto last = static_cast<float>(schedule.timesteps() - 1);
  for (const float t : float_linspace(last, 0, count)) sigmas.push_back(level_at(schedule, t));
  return sigmas;
}

std::vector<double> levels_of(const Schedule& schedule, const A1111Run& run, SigmaSpacing spacing,
                              int count) {
  const auto sigma_of = [](float alpha) { return std::sqrt((1.0f - alpha) / alpha); };
  LevelRange range{.lowest = sigma_of(schedule.alphas_cumprod().front()),
                   .highest = sigma_of(schedule.alphas_cumprod().back())};
  std::vector<double> sigmas;
  switch (spacing) {
    case SigmaSpacing::kKarras:
      if (run.old_karras) range = {.lowest = 0.1, .highest = 10};
      sigmas = karras_levels(range, count);
      break;
    case SigmaSpacing::kUniform:
      sigmas = uniform_levels(schedule, count);
      break;
    case SigmaSpacing::kExponential:
    case SigmaSpacing::kPolyexponential:
      sigmas = exponential_levels(range, count);
      break;
    case SigmaSpacing::kAlignYourSteps:
      return align_your_steps_levels(run.xl, count);
    default:
      return plan_sigmas(schedule, count, spacing);
  }
  sigmas.push_back(0);
  return sigmas;
}

}  // namespace

PlanRequest a1111_run(const Schedule& schedule, const A1111Run& run) {
  check_steps(schedule, run.steps);
  const Choice choice = choice_of(run);
  const Sampler& sampler = choice.sampler;
  PlanRequest request{.sampler = sampler.id == kThirdOrderUniPc.id ? kThirdOrderUniPc : sampler,
                      .steps = run.steps,
                      .parameterization = run.parameterization,
                      .eta = sampler.takes_eta ? run.eta : std::nullopt,
                      .strength = StrengthRule::kA1111};
  if (sampler.id == kThirdOrderUniPc.id) {
    const auto updates = static_cast<int>(timesteps_of(schedule, run.steps).size());
    request.path = time_uniform_levels(schedule, schedule.timesteps() - 1, updates);
    return request;
  }
  if (!sampler.takes_spacing()) {
    request.path = timestep_plan(schedule, run.steps);
    return request;
  }
  const bool discard = sampler.discards_penultimate || run.discard_penultimate;
  NoiseLevels levels{.sigmas = levels_of(schedule, run, choice.spacing.value_or(sampler.automatic),
                                         run.steps + (discard ? 1 : 0))};
  if (discard) levels.sigmas.erase(levels.sigmas.end() - 2);
  levels.told = sampler.consistency ? NoiseLevels::Told::kLcm
                : run.quantization  ? NoiseLevels::Told::kNearest
                                    : NoiseLevels::Told::kBetween;
  request.path = std::move(levels);
  if (!run.sgm_noise_multiplier) request.start = StartScale::kSigma;
  return request;
}

}  // namespace easel
