#include "diffusion/plan.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <set>

#include "core/error.h"
#include "diffusion/dialects.h"

namespace easel {
namespace {

double checked_eta(const PlanRequest& request) {
  const double eta = request.eta.value_or(request.sampler.default_eta);
  if (!(eta >= 0 && eta <= 1)) {
    fail(ErrorCode::kUsage, "an eta of {} is not possible: 0 to 1 is", eta);
  }
  if (eta > 0 && !request.sampler.takes_eta) {
    fail(ErrorCode::kUsage, "{} takes no eta: it must be 0, {} was asked for ({} take it)",
         request.sampler.id, eta, samplers_that_take_eta());
  }
  return eta;
}

Path make_path(const Schedule& schedule, const PlanRequest& request) {
  if (request.path) return *request.path;
  if (request.sampler.takes_spacing()) {
    const SigmaSpacing spacing = request.spacing.value_or(request.sampler.spacing);
    if (spacing == SigmaSpacing::kTimeUniform) {
      check_steps(schedule, request.steps);
      return time_uniform_levels(schedule, schedule.timesteps() - 1, request.steps);
    }
    NoiseLevels levels{.sigmas = plan_sigmas(schedule, request.steps, spacing)};
    if (request.sampler.consistency) levels.told = NoiseLevels::Told::kLcm;
    return levels;
  }
  if (request.spacing) {
    fail(ErrorCode::kUsage, "{} has steps of its own: no step spacing can be chosen",
         request.sampler.id);
  }
  return plan_timesteps(schedule, request.steps, request.rule);
}

// Below 15 steps the DPM-Solver authors' code takes the last one with the first order.
bool is_short_solver_run(const PlanRequest& request) {
  constexpr int kSteady = 15;
  return request.spacing == SigmaSpacing::kTimeUniform && request.steps < kSteady;
}

bool starts_without_signal(const Path& path) {
  if (const auto* levels = std::get_if<NoiseLevels>(&path)) {
    return !levels->sigmas.empty() && !std::isfinite(levels->sigmas.front());
  }
  const auto& steps = std::get<TimestepPlan>(path).steps;
  return !steps.empty() && steps.front().alpha == 0;
}

// Noise for a rehearsal, where none is needed.
class Silence final : public NoiseSource {
 public:
  void draw(std::span<float> out) override { std::ranges::fill(out, 0.0f); }
};

}  // namespace

Plan::Plan(const Schedule& schedule, const PlanRequest& request)
    : schedule_(&schedule),
      sampler_(&request.sampler),
      parameterization_(request.parameterization),
      eta_(checked_eta(request)),
      path_(make_path(schedule, request)),
      start_(request.start),
      strength_(request.strength),
      consistency_(request.consistency ? request.consistency : request.sampler.consistency),
      first_order_at_end_(request.first_order_at_end || is_short_solver_run(request)),
      asked_(request.steps) {
  if (const auto* timesteps = std::get_if<TimestepPlan>(&path_)) note_ = timesteps->note;
  const auto* timesteps = std::get_if<TimestepSampler>(&sampler_->run);
  const bool can_start =
      timesteps != nullptr && *timesteps == ddim && parameterization_ != Parameterization::kEps;
  if (starts_without_signal(path_) && !can_start) {
    fail(ErrorCode::kUnsupported,
         "the schedule's last timestep has no signal: {} cannot start there, ddim can with a model "
         "that predicts v or x0",
         sampler_->id);
  }
  rehearse();
}

// What the sampler will ask and say does not depend on the latents: it is run once on a single
// value, without a network.
void Plan::rehearse() {
  std::set<float> asked;
  const Network network = [&](std::span<const float>, float timestep, std::span<float> out) {
    asked.insert(timestep);
    std::ranges::fill(out, 0.0f);
  };
  steps_ = 0;
  Silence silence;
  std::vector<float> x{1};
  run(network, x, {.noise = &silence, .on_step = [&](const StepEvent&) { ++steps_; }});
  timesteps_.assign(asked.begin(), asked.end());
}

std::span<const double> Plan::sigmas() const {
  if (const auto* levels = std::get_if<NoiseLevels>(&path_)) return levels->sigmas;
  return {};
}

int Plan::levels() const {
  if (const auto* levels = std::get_if<NoiseLevels>(&path_)) {
    return static_cast<int>(levels->sigmas.size()) - 1;
  }
  return static_cast<int>(std::get<TimestepPlan>(path_).steps.size());
}

void Plan::drop(std::ptrdiff_t count) {
  count = std::clamp<std::ptrdiff_t>(count, 0, levels());
  const auto erase = [](auto& list, std::ptrdiff_t n) {
    list.erase(list.begin(), list.begin() + std::min(n, std::ssize(list)));
  };
  if (auto* path = std::get_if<NoiseLevels>(&path_)) {
    erase(path->sigmas, count);
    erase(path->timesteps, count);
  } else {
    erase(std::get<TimestepPlan>(path_).steps, count);
  }
}

Plan Plan::from(double strength) const {
  if (!(strength >= 0 && strength <= 1)) {
    fail(ErrorCode::kUsage, "the strength is {}, wanted 0 to 1", strength);
  }
  const bool by_timesteps = std::holds_alternative<TimestepPlan>(path_);
  switch (strength_) {
    case StrengthRule::kShare:
      return rest(std::lround(strength * levels()));
    case StrengthRule::kDiffusers:
      return rest(std::min(asked_, static_cast<int>(asked_ * strength)));
    case StrengthRule::kCompVis:
      return rest(static_cast<int>(strength * asked_));
    case StrengthRule::kA1111:
      break;
  }
  return rest(static_cast<int>(std::min(strength, 0.999) * asked_) + (by_timesteps ? -1 : 1));
}

Plan Plan::last(int steps) const {
  const bool one_less =
      strength_ == StrengthRule::kA1111 && std::holds_alternative<TimestepPlan>(path_);
  return rest(one_less ? steps - 2 : steps);
}

// The last `kept` steps. CompVis and AUTOMATIC1111 begin timesteps one step noisier than the first
// that they take.
Plan Plan::rest(std::ptrdiff_t kept) const {
  const auto* timesteps = std::get_if<TimestepPlan>(&path_);
  const bool noisier = strength_ == StrengthRule::kCompVis || strength_ == StrengthRule::kA1111;
  const std::ptrdiff_t dropped = levels() - std::max<std::ptrdiff_t>(kept, 0);
  Plan end = *this;
  end.start_ = StartScale::kUnitVariance;
  if (timesteps != nullptr && noisier && dropped > 0) {
    const auto& steps = timesteps->steps;
    // Without a step left A1111 noises to the timestep at which its runs end.
    const auto above =
        steps.size() - static_cast<std::size_t>(std::max<std::ptrdiff_t>(kept, -1)) - 1;
    end.start_alpha_ = above < steps.size() ? steps[above].alpha : steps.back().alpha_next;
  }
  end.drop(dropped);
  end.rehearse();
  return end;
}

double Plan::first_alpha() const {
  if (start_alpha_) return *start_alpha_;
  if (levels() == 0) return 1;
  if (const auto* path = std::get_if<NoiseLevels>(&path_)) {
    return 1 / (1 + path->sigmas.front() * path->sigmas.front());
  }
  return double{std::get<TimestepPlan>(path_).steps.front().alpha};
}

void Plan::start_at(std::span<const float> picture, std::span<float> noise) const {
  assert(picture.size() == noise.size());
  const double alpha = first_alpha();
  const auto signal = static_cast<float>(std::sqrt(alpha));
  const auto rest = static_cast<float>(std::sqrt(1 - alpha));
  for (std::size_t i = 0; i < noise.size(); ++i) noise[i] = signal * picture[i] + rest * noise[i];
}

void Plan::run(const Network& network, std::span<float> x, const RunOptions& options) const {
  if (levels() == 0) return;
  const StepOptions how{.eta = eta_,
                        .noise = options.noise,
                        .draw_unused_noise = options.draw_unused_noise,
                        .first_order_at_end = first_order_at_end_,
                        .before_step = options.before_step,
                        .on_step = options.on_step};
  if (const auto* sampler = std::get_if<TimestepSampler>(&sampler_->run)) {
    run_timesteps(*sampler, network, x, how, options.correct);
  } else {
    run_sigmas(std::get<SigmaSampler>(sampler_->run), network, x, how, options.correct);
  }
}

void Plan::run_timesteps(TimestepSampler sampler, const Network& network, std::span<float> x,
                         const StepOptions& how, const Correction& correct) const {
  const auto& path = std::get<TimestepPlan>(path_);
  if (starts_without_signal(path_)) {
    PictureModel model = picture_model(network, parameterization_, *schedule_);
    if (correct) model = corrected_pictures(std::move(model), correct, *schedule_);
    return ddim_of_pictures(x, model, path, how);
  }
  EpsModel model = eps_model(network, parameterization_, *schedule_);
  if (correct) model = corrected(std::move(model), correct, *schedule_);
  sampler(x, model, path, how);
}

void Plan::run_sigmas(SigmaSampler sampler, const Network& network, std::span<float> x,
                      const StepOptions& how, const Correction& correct) const {
  const auto& path = std::get<NoiseLevels>(path_);
  const TimeOf told = time_of(path, *schedule_);
  Denoiser model = denoiser(network, parameterization_, *schedule_, told);
  if (consistency_) model = consistent(std::move(model), told, *consistency_);
  if (correct) model = corrected(std::move(model), correct);
  // x is what the training would show at the first timestep: the same start as DDIM's.
  const double sigma = path.sigmas.front();
  const auto scale =
      static_cast<float>(start_ == StartScale::kSigma ? sigma : std::sqrt(1 + sigma * sigma));
  for (float& value : x) value *= scale;
  sampler(x, model, path.sigmas, how);
  if (path.ends_in_training_scaling) {
    const double last = path.sigmas.back();
    const auto back = static_cast<float>(1 / std::sqrt(1 + last * last));
    for (float& value : x) value *= back;
  }
}

}  // namespace easel
