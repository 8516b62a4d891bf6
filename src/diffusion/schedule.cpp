#include "diffusion/schedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <numbers>

#include "core/error.h"
#include "core/printable.h"

namespace easel {
namespace {

constexpr int kMaxTimesteps = 100'000;

// torch.linspace in double: counted from the nearer end.
std::vector<double> linspace(double first, double last, int count) {
  std::vector<double> values(static_cast<std::size_t>(count));
  const double step = count > 1 ? (last - first) / (count - 1) : 0;
  for (int i = 0; i < count; ++i) {
    values[static_cast<std::size_t>(i)] =
        i < count / 2 || count == 1 ? first + step * i : last - step * (count - 1 - i);
  }
  return values;
}

std::vector<double> cosine_betas(const ScheduleConfig& config) {
  const auto alpha = [&](int i) {
    const double t = static_cast<double>(i) / config.timesteps + config.cosine_s;
    return std::pow(std::cos(t / (1 + config.cosine_s) * std::numbers::pi / 2), 2);
  };
  std::vector<double> betas;
  for (int i = 0; i < config.timesteps; ++i) {
    betas.push_back(std::clamp(1 - alpha(i + 1) / alpha(i), 0.0, 0.999));
  }
  return betas;
}

// latent-diffusion's make_beta_schedule.
std::vector<double> make_betas(const ScheduleConfig& config) {
  const double start = config.linear_start;
  const double end = config.linear_end;
  std::vector<double> betas;
  switch (config.kind) {
    case BetaSchedule::kLinear:
      betas = linspace(std::sqrt(start), std::sqrt(end), config.timesteps);
      for (double& beta : betas) beta *= beta;
      break;
    case BetaSchedule::kCosine:
      betas = cosine_betas(config);
      break;
    case BetaSchedule::kSqrtLinear:
      betas = linspace(start, end, config.timesteps);
      break;
    case BetaSchedule::kSqrt:
      betas = linspace(start, end, config.timesteps);
      for (double& beta : betas) beta = std::sqrt(beta);
      break;
  }
  return betas;
}

void check_config(const ScheduleConfig& config) {
  if (config.timesteps < 2 || config.timesteps > kMaxTimesteps) {
    fail(ErrorCode::kUnsupported, "a schedule of {} timesteps is not supported, 2 to {} are",
         config.timesteps, kMaxTimesteps);
  }
  const bool ends_used = config.kind != BetaSchedule::kCosine;
  const bool sound =
      config.linear_start > 0 && config.linear_start <= config.linear_end && config.linear_end < 1;
  if (ends_used && !sound) {
    fail(ErrorCode::kUnsupported,
         "a schedule from linear_start {} to linear_end {} is not supported: they must rise "
         "between 0 and 1",
         config.linear_start, config.linear_end);
  }
  if (!ends_used && !(config.cosine_s >= 0 && config.cosine_s < 1)) {
    fail(ErrorCode::kUnsupported, "a cosine schedule with cosine_s {} is not supported",
         config.cosine_s);
  }
}

}  // namespace

void check_steps(const Schedule& schedule, int steps) {
  if (steps < 1 || steps > schedule.timesteps()) {
    fail(ErrorCode::kUsage,
         "{} steps are not possible: 1 to {} are, as many as the model's schedule has", steps,
         schedule.timesteps());
  }
}

BetaSchedule beta_schedule_of_ldm(std::string_view name) {
  if (name == "linear") return BetaSchedule::kLinear;
  if (name == "cosine") return BetaSchedule::kCosine;
  if (name == "sqrt_linear") return BetaSchedule::kSqrtLinear;
  if (name == "sqrt") return BetaSchedule::kSqrt;
  fail(ErrorCode::kUnsupported,
       "the beta_schedule \"{}\" is not supported: linear, cosine, sqrt_linear and sqrt are", name);
}

BetaSchedule beta_schedule_of_diffusers(std::string_view name) {
  if (name == "scaled_linear") return BetaSchedule::kLinear;
  if (name == "linear") return BetaSchedule::kSqrtLinear;
  if (name == "squaredcos_cap_v2") return BetaSchedule::kCosine;
  fail(ErrorCode::kUnsupported,
       "the beta_schedule \"{}\" is not supported: scaled_linear, linear and squaredcos_cap_v2 are",
       printable(name));
}

Schedule::Schedule(const ScheduleConfig& config) {
  check_config(config);
  double product = 1;
  for (const double beta : make_betas(config)) {
    product *= 1 - beta;
    betas_.push_back(static_cast<float>(beta));
    alphas_cumprod_.push_back(static_cast<float>(product));
  }
  if (config.terminal_alpha) end_without_signal(*config.terminal_alpha);
  for (const double alpha : alphas_cumprod_) {
    const bool last = log_sigmas_.size() + 1 == alphas_cumprod_.size();
    if (!(alpha > 0) && !(last && config.terminal_alpha)) {
      fail(ErrorCode::kUnsupported, "the schedule has no signal left after {} of {} timesteps",
           log_sigmas_.size() + 1, config.timesteps);
    }
    log_sigmas_.push_back(0.5 * std::log((1 - alpha) / alpha));
  }
}

void Schedule::end_without_signal(double terminal_alpha) {
  const double first = std::sqrt(double{alphas_cumprod_.front()});
  const double last = std::sqrt(double{alphas_cumprod_.back()});
  for (float& alpha : alphas_cumprod_) {
    const double root = (std::sqrt(double{alpha}) - last) * first / (first - last);
    alpha = static_cast<float>(root * root);
  }
  alphas_cumprod_.back() = static_cast<float>(terminal_alpha);
}

double Schedule::sigma_at(double timestep) const {
  assert(timestep >= 0 && timestep <= timesteps() - 1);
  const auto low = static_cast<std::size_t>(timestep);
  const std::size_t high = std::min(low + 1, log_sigmas_.size() - 1);
  const double part = timestep - static_cast<double>(low);
  return std::exp((1 - part) * log_sigmas_[low] + part * log_sigmas_[high]);
}

double Schedule::timestep_at(double sigma) const {
  const double log_sigma = std::log(sigma);
  if (log_sigma <= log_sigmas_.front()) return 0;
  if (log_sigma >= log_sigmas_.back()) return timesteps() - 1;
  const auto above = std::ranges::upper_bound(log_sigmas_, log_sigma);
  const double low = *(above - 1);
  const auto index = static_cast<double>(above - log_sigmas_.begin() - 1);
  return index + (log_sigma - low) / (*above - low);
}

TimestepPlan plan_timesteps(const Schedule& schedule, int steps, const TimestepRule& rule) {
  check_steps(schedule, steps);
  const int stride = schedule.timesteps() / steps;
  const int last = schedule.timesteps() - 1;
  std::vector<int> timesteps;  // rising
  if (rule.original) {
    for (int t = 0; t < schedule.timesteps(); t += stride) timesteps.push_back(t + 1);
  } else {
    for (int i = 0; i < steps; ++i) timesteps.push_back(i * stride + rule.steps_offset);
  }
  const bool beyond = timesteps.back() > last;
  for (int& t : timesteps) t = std::clamp(t, 0, last);
  timesteps.erase(std::unique(timesteps.begin(), timesteps.end()), timesteps.end());

  const auto alphas = schedule.alphas_cumprod();
  const bool ends_at_one = !rule.original && rule.set_alpha_to_one;
  TimestepPlan plan;
  float alpha_next = ends_at_one ? 1.0f : alphas[0];
  for (const int t : timesteps) {
    const float alpha = alphas[static_cast<std::size_t>(t)];
    plan.steps.push_back({.timestep = t, .alpha = alpha, .alpha_next = alpha_next});
    alpha_next = alpha;
  }
  std::ranges::reverse(plan.steps);

  if (std::ssize(plan.steps) != steps) {
    plan.note = fmt::format("{} steps become {}, as in latent-diffusion: every {} of {} timesteps",
                            steps, plan.steps.size(), stride, schedule.timesteps());
  }
  if (beyond) {
    plan.note += fmt::format(
        "{}timestep {} is used where latent-diffusion would index one past its table and crash",
        plan.note.empty() ? "" : "; ", last);
  }
  return plan;
}

}  // namespace easel
