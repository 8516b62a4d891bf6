#include "diffusion/noise_levels.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "core/error.h"
#include "core/printable.h"
#include "diffusion/dialects.h"
#include "diffusion/names.h"

namespace easel {
namespace {

constexpr std::array kSpacings{
    SpacingName{"uniform", "Uniform", SigmaSpacing::kUniform},
    SpacingName{"trailing", "", SigmaSpacing::kTrailing},
    SpacingName{"leading", "", SigmaSpacing::kLeading},
    SpacingName{"karras", "Karras", SigmaSpacing::kKarras},
    SpacingName{"exponential", "Exponential", SigmaSpacing::kExponential},
    SpacingName{"polyexponential", "Polyexponential", SigmaSpacing::kPolyexponential},
    SpacingName{"sgm-uniform", "SGM Uniform", SigmaSpacing::kSgmUniform},
    SpacingName{"kl-optimal", "KL Optimal", SigmaSpacing::kKlOptimal},
    SpacingName{"align-your-steps", "Align Your Steps", SigmaSpacing::kAlignYourSteps},
    SpacingName{"align-your-steps-xl", "", SigmaSpacing::kAlignYourStepsXl},
    SpacingName{"lcm", "", SigmaSpacing::kLcm},
    SpacingName{"time-uniform", "", SigmaSpacing::kTimeUniform},
};

constexpr int kLcmTimesteps = 50;

// Timesteps at which consistency models are trained: the last of every stride.
int lcm_stride(const Schedule& schedule) {
  return std::max(1, schedule.timesteps() / kLcmTimesteps);
}

double log_sigma(double alpha) { return 0.5 * std::log((1 - alpha) / alpha); }

std::vector<double> with_zero(std::vector<double> sigmas) {
  sigmas.push_back(0);
  return sigmas;
}

std::vector<double> levels_over(const Schedule& schedule, float first, float last, int points,
                                int visited) {
  std::vector<double> sigmas;
  const std::vector<float> timesteps = float_linspace(first, last, points);
  for (int i = 0; i < visited; ++i) {
    sigmas.push_back(level_at(schedule, timesteps[static_cast<std::size_t>(i)]));
  }
  return sigmas;
}

std::vector<double> lcm_levels(const Schedule& schedule, int steps) {
  const auto last = static_cast<float>(schedule.timesteps() - 1);
  const auto first = static_cast<float>(lcm_stride(schedule) - 1);
  std::vector<double> sigmas;
  for (const float t : float_linspace(last, first, steps)) {
    sigmas.push_back(lcm_level_at(schedule, t));
  }
  return sigmas;
}

// Those of Easel's own four spacings, in double.
double sigma_of(const Schedule& schedule, int steps, int i, SigmaSpacing spacing) {
  constexpr double kRho = 7;
  const double last = schedule.timesteps() - 1;
  const int stride = schedule.timesteps() / steps;
  const int offset = (steps - 1) * stride + 1 < schedule.timesteps() ? 1 : 0;
  const double part = steps > 1 ? static_cast<double>(i) / (steps - 1) : 0;
  if (spacing == SigmaSpacing::kTrailing) return schedule.sigma_at(last - i * (last + 1) / steps);
  if (spacing == SigmaSpacing::kLeading) {
    return schedule.sigma_at(offset + (steps - 1 - i) * stride);
  }
  if (spacing == SigmaSpacing::kKarras) {
    const double high = std::pow(schedule.sigma_max(), 1 / kRho);
    const double low = std::pow(schedule.sigma_min(), 1 / kRho);
    return std::pow(high + part * (low - high), kRho);
  }
  return schedule.sigma_at(last * (1 - part));
}

}  // namespace

std::span<const SpacingName> sigma_spacings() { return kSpacings; }

SigmaSpacing sigma_spacing_named(std::string_view name) {
  const std::string wanted = plain_name(name);
  std::string all;
  for (const SpacingName& row : kSpacings) {
    if (plain_name(row.id) == wanted || (!row.name.empty() && plain_name(row.name) == wanted)) {
      return row.spacing;
    }
    all += all.empty() ? "" : ", ";
    all += row.id;
  }
  fail(ErrorCode::kUsage, "there is no step spacing \"{}\": known are {}", printable(name), all);
}

std::vector<double> plan_sigmas(const Schedule& schedule, int steps, SigmaSpacing spacing) {
  check_steps(schedule, steps);
  const LevelRange range{.lowest = schedule.sigma_min(), .highest = schedule.sigma_max()};
  const auto last = static_cast<float>(schedule.timesteps() - 1);
  switch (spacing) {
    case SigmaSpacing::kExponential:
    case SigmaSpacing::kPolyexponential:
      return with_zero(exponential_levels(range, steps));
    case SigmaSpacing::kSgmUniform:
      return with_zero(levels_over(schedule, last, 0, steps + 1, steps));
    case SigmaSpacing::kKlOptimal:
      return kl_optimal_levels(range, steps);
    case SigmaSpacing::kAlignYourSteps:
      return align_your_steps_levels(false, steps);
    case SigmaSpacing::kAlignYourStepsXl:
      return align_your_steps_levels(true, steps);
    case SigmaSpacing::kTimeUniform:
      return time_uniform_levels(schedule, last, steps).sigmas;
    case SigmaSpacing::kLcm:
      return with_zero(lcm_levels(schedule, steps));
    default:
      break;
  }
  std::vector<double> sigmas;
  for (int i = 0; i < steps; ++i) sigmas.push_back(sigma_of(schedule, steps, i, spacing));
  return with_zero(std::move(sigmas));
}

TimeOf time_of(const NoiseLevels& levels, const Schedule& schedule) {
  return [levels, &schedule](double sigma) {
    for (std::size_t i = 0; i < levels.timesteps.size(); ++i) {
      if (levels.sigmas[i] == sigma) return levels.timesteps[i];
    }
    switch (levels.told) {
      case NoiseLevels::Told::kNearest:
        return static_cast<float>(std::round(schedule.timestep_at(sigma)));
      case NoiseLevels::Told::kLcm:
        return static_cast<float>(lcm_timestep_at(schedule, sigma));
      case NoiseLevels::Told::kBetween:
        break;
    }
    return static_cast<float>(schedule.timestep_at(sigma));
  };
}

std::vector<float> float_linspace(float first, float last, int count) {
  std::vector<float> values;
  const float step = count > 1 ? (last - first) / static_cast<float>(count - 1) : 0;
  for (int i = 0; i < count; ++i) {
    const float near = step * static_cast<float>(i < count / 2 ? i : count - 1 - i);
    values.push_back(i < count / 2 || count == 1 ? first + near : last - near);
  }
  return values;
}

std::vector<double> karras_levels(const LevelRange& range, int count, double rho) {
  const double low = std::pow(range.lowest, 1 / rho), high = std::pow(range.highest, 1 / rho);
  std::vector<double> sigmas;
  for (const float part : float_linspace(0, 1, count)) {
    const float root = static_cast<float>(high) + part * static_cast<float>(low - high);
    sigmas.push_back(std::pow(root, static_cast<float>(rho)));
  }
  return sigmas;
}

std::vector<double> exponential_levels(const LevelRange& range, int count) {
  std::vector<double> sigmas;
  const auto high = static_cast<float>(std::log(range.highest));
  const auto low = static_cast<float>(std::log(range.lowest));
  for (const float value : float_linspace(high, low, count)) sigmas.push_back(std::exp(value));
  return sigmas;
}

std::vector<double> kl_optimal_levels(const LevelRange& range, int count) {
  const float low = std::atan(static_cast<float>(range.lowest));
  const float high = std::atan(static_cast<float>(range.highest));
  std::vector<double> sigmas;
  for (int i = 0; i <= count; ++i) {
    const float part = static_cast<float>(i) / static_cast<float>(count);
    sigmas.push_back(std::tan(part * low + (1.0f - part) * high));
  }
  return sigmas;
}

std::vector<double> align_your_steps_levels(bool xl, int count) {
  static constexpr std::array kSd1{14.615, 6.475, 3.861, 2.697, 1.886, 1.396,
                                   0.963,  0.652, 0.399, 0.152, 0.029};
  static constexpr std::array kXl{14.615, 6.315, 3.771, 2.181, 1.342, 0.862,
                                  0.555,  0.380, 0.234, 0.113, 0.029};
  const auto& table = xl ? kXl : kSd1;
  std::vector<double> sigmas;
  for (int i = 0; i < count; ++i) {
    const double at = count > 1 ? i * static_cast<double>(table.size() - 1) / (count - 1) : 0;
    const auto low = std::min(static_cast<std::size_t>(at), table.size() - 2);
    const double part = at - static_cast<double>(low);
    const double sigma =
        std::exp((1 - part) * std::log(table[low]) + part * std::log(table[low + 1]));
    sigmas.push_back(static_cast<float>(sigma));
  }
  return with_zero(std::move(sigmas));
}

double level_at(const Schedule& schedule, double timestep) {
  const auto log_at = [&](double t) {
    const float alpha = schedule.alphas_cumprod()[static_cast<std::size_t>(t)];
    return std::log(std::sqrt((1.0f - alpha) / alpha));
  };
  const double low = std::floor(timestep), high = std::ceil(timestep);
  const auto part = static_cast<float>(timestep - low);
  return std::exp((1.0f - part) * log_at(low) + part * log_at(high));
}

double lcm_timestep_at(const Schedule& schedule, double sigma) {
  const int stride = lcm_stride(schedule);
  double best = 0, distance = INFINITY;
  for (int t = stride - 1; t < schedule.timesteps(); t += stride) {
    const double alpha = schedule.alphas_cumprod()[static_cast<std::size_t>(t)];
    const double away = std::abs(std::log(sigma) - log_sigma(alpha));
    if (away < distance) {
      best = t;
      distance = away;
    }
  }
  return best;
}

double lcm_level_at(const Schedule& schedule, double timestep) {
  const int stride = lcm_stride(schedule);
  const double last = schedule.timesteps() / stride - 1;
  const double at = std::clamp((timestep - (stride - 1)) / stride, 0.0, last);
  const double low = std::floor(at), high = std::ceil(at), part = at - low;
  const auto log_of = [&](double index) {
    const auto t = static_cast<std::size_t>(index * stride + stride - 1);
    return log_sigma(schedule.alphas_cumprod()[t]);
  };
  return static_cast<float>(std::exp((1 - part) * log_of(low) + part * log_of(high)));
}

}  // namespace easel
