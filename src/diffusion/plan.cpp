#include "diffusion/plan.h"

#include <cassert>
#include <cmath>
#include <set>

#include "core/error.h"

namespace easel {
namespace {

using Path = std::variant<TimestepPlan, std::vector<double>>;

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
  if (std::holds_alternative<SigmaSampler>(request.sampler.run)) {
    return plan_sigmas(schedule, request.steps, request.spacing.value_or(request.sampler.spacing));
  }
  if (request.spacing) {
    fail(ErrorCode::kUsage, "{} has steps of its own: no step spacing can be chosen",
         request.sampler.id);
  }
  return plan_timesteps(schedule, request.steps, request.rule);
}

}  // namespace

Plan::Plan(const Schedule& schedule, const PlanRequest& request)
    : schedule_(&schedule),
      sampler_(&request.sampler),
      parameterization_(request.parameterization),
      eta_(checked_eta(request)),
      path_(make_path(schedule, request)) {
  if (const auto* timesteps = std::get_if<TimestepPlan>(&path_)) note_ = timesteps->note;
}

int Plan::steps() const {
  if (const auto* sigmas = std::get_if<std::vector<double>>(&path_)) {
    return static_cast<int>(sigmas->size()) - 1;
  }
  return static_cast<int>(std::get<TimestepPlan>(path_).steps.size());
}

std::vector<float> Plan::timesteps() const {
  std::set<float> timesteps;
  if (const auto* sigmas = std::get_if<std::vector<double>>(&path_)) {
    for (const double sigma : *sigmas) {
      if (sigma > 0) timesteps.insert(static_cast<float>(schedule_->timestep_at(sigma)));
    }
  } else {
    for (const auto& step : std::get<TimestepPlan>(path_).steps) {
      timesteps.insert(static_cast<float>(step.timestep));
    }
  }
  return {timesteps.begin(), timesteps.end()};
}

Plan Plan::from(double strength) const {
  if (!(strength >= 0 && strength <= 1)) {
    fail(ErrorCode::kUsage, "the strength is {}, wanted 0 to 1", strength);
  }
  const auto dropped = steps() - static_cast<std::ptrdiff_t>(std::lround(strength * steps()));
  Plan rest = *this;
  if (auto* sigmas = std::get_if<std::vector<double>>(&rest.path_)) {
    sigmas->erase(sigmas->begin(), sigmas->begin() + dropped);
  } else {
    auto& left = std::get<TimestepPlan>(rest.path_).steps;
    left.erase(left.begin(), left.begin() + dropped);
  }
  return rest;
}

double Plan::first_alpha() const {
  if (steps() == 0) return 1;
  if (const auto* sigmas = std::get_if<std::vector<double>>(&path_)) {
    return 1 / (1 + sigmas->front() * sigmas->front());
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
  if (steps() == 0) return;
  const StepOptions how{.eta = eta_,
                        .noise = options.noise,
                        .draw_unused_noise = options.draw_unused_noise,
                        .on_step = options.on_step};
  if (const auto* sampler = std::get_if<TimestepSampler>(&sampler_->run)) {
    EpsModel model = eps_model(network, parameterization_, *schedule_);
    if (options.correct) model = corrected(std::move(model), options.correct, *schedule_);
    (*sampler)(x, model, std::get<TimestepPlan>(path_), how);
    return;
  }
  const auto& sigmas = std::get<std::vector<double>>(path_);
  Denoiser model = denoiser(network, parameterization_, *schedule_);
  if (options.correct) model = corrected(std::move(model), options.correct);
  // x is what the training would show at the first timestep: the same start as DDIM's.
  const auto scale = static_cast<float>(std::sqrt(1 + sigmas.front() * sigmas.front()));
  for (float& value : x) value *= scale;
  std::get<SigmaSampler>(sampler_->run)(x, model, sigmas, how);
}

}  // namespace easel
