#include <cassert>

#include "diffusion/sampler_steps.h"

// Lu et al. 2022, "DPM-Solver++", section 5 (the stochastic equation), as k-diffusion has it for
// eta between 0 (the ordinary equation) and 1. lambda = -log(sigma), h its step:
//   x_t = sigma_t / sigma_s e^(-eta h) x_s + (1 - e^(-(1 + eta) h)) D
//         + sigma_t sqrt(1 - e^(-2 eta h)) z,
// where D, the picture over the step, is told by one or more evaluations.

namespace easel {
namespace {

// One such step with the picture `d`.
struct Exact {
  float keep;    // of x
  float take;    // of d: phi_1
  double fresh;  // of the noise
};
Exact exact_step(double from, double to, double eta) {
  const double h = std::log(from / to);
  return {.keep = static_cast<float>(to / from * std::exp(-eta * h)),
          .take = static_cast<float>(-std::expm1(-(1 + eta) * h)),
          .fresh = to * std::sqrt(-std::expm1(-2 * eta * h))};
}

void add_step_noise(StepNoise* source, double from, double to, double deviation,
                    std::vector<float>& scratch, std::span<float> x) {
  if (source == nullptr || !(deviation > 0)) return;
  source->draw(from, to, scratch);
  add_scaled(scratch, deviation, x);
}

}  // namespace

// Two evaluations a step, the second in the middle (r = 1/2); both substeps are ancestral.
void dpm_solver_pp_sde(std::span<float> x, const Denoiser& model, std::span<const double> sigmas,
                       const StepOptions& options) {
  assert(options.eta == 0 || options.noise != nullptr);
  const auto noise = step_noise(options, sigmas);
  std::vector<float> x0(x.size()), ahead(x.size()), scratch(x.size());
  for (std::size_t i = 0; i + 1 < sigmas.size(); ++i) {
    const double from = sigmas[i], to = sigmas[i + 1];
    model(x, from, x0);
    if (!(to > 0)) {
      std::ranges::copy(x0, x.begin());
      report_step(options, i, sigmas, x, x0);
      continue;
    }
    // The trees are asked at levels that were rounded as k-diffusion rounds them.
    const float t = FloatLevel::t(from);
    const float h = FloatLevel::t(to) - t;
    const double middle = FloatLevel::sigma(t + h * 0.5f);

    const AncestralStep half = ancestral_step(from, middle, options.eta);
    for (std::size_t k = 0; k < x.size(); ++k) ahead[k] = euler_step(x[k], x0[k], from, half.down);
    add_step_noise(noise.get(), from, middle, half.up, scratch, ahead);
    model(ahead, middle, x0);

    const AncestralStep whole = ancestral_step(from, to, options.eta);
    for (std::size_t k = 0; k < x.size(); ++k) x[k] = euler_step(x[k], x0[k], from, whole.down);
    add_step_noise(noise.get(), from, to, whole.up, scratch, x);
    report_step(options, i, sigmas, x, x0);
  }
}

namespace {

enum class Correction2M { kMidpoint, kHeun };

void dpm_solver_pp_2m_sde_with(std::span<float> x, const Denoiser& model,
                               std::span<const double> sigmas, const StepOptions& options,
                               Correction2M correction) {
  assert(options.eta == 0 || options.noise != nullptr);
  const auto noise = step_noise(options, sigmas);
  std::vector<float> x0(x.size()), previous(x.size()), scratch(x.size());
  for (std::size_t i = 0; i + 1 < sigmas.size(); ++i) {
    const double from = sigmas[i], to = sigmas[i + 1];
    model(x, from, x0);
    if (!(to > 0)) {
      std::ranges::copy(x0, x.begin());
      report_step(options, i, sigmas, x, x0);
      continue;
    }
    const Exact step = exact_step(from, to, options.eta);
    float ahead = 0;  // of the difference to the picture before
    if (i > 0) {
      const double h = std::log(from / to);
      const double r = std::log(sigmas[i - 1] / from) / h;
      const double grown = (1 + options.eta) * h;
      ahead = correction == Correction2M::kMidpoint
                  ? static_cast<float>(0.5 * step.take / r)
                  : static_cast<float>((1 - step.take / grown) / r);
    }
    for (std::size_t k = 0; k < x.size(); ++k) {
      x[k] = step.keep * x[k] + step.take * x0[k] + ahead * (x0[k] - previous[k]);
    }
    add_step_noise(noise.get(), from, to, step.fresh, scratch, x);
    report_step(options, i, sigmas, x, x0);
    std::swap(x0, previous);
  }
}

}  // namespace

void dpm_solver_pp_2m_sde(std::span<float> x, const Denoiser& model, std::span<const double> sigmas,
                          const StepOptions& options) {
  dpm_solver_pp_2m_sde_with(x, model, sigmas, options, Correction2M::kMidpoint);
}

void dpm_solver_pp_2m_sde_heun(std::span<float> x, const Denoiser& model,
                               std::span<const double> sigmas, const StepOptions& options) {
  dpm_solver_pp_2m_sde_with(x, model, sigmas, options, Correction2M::kHeun);
}

// D as a line, then as a parabola, through the last pictures; phi_2 and phi_3 are the integrals of
// their terms.
void dpm_solver_pp_3m_sde(std::span<float> x, const Denoiser& model, std::span<const double> sigmas,
                          const StepOptions& options) {
  assert(options.eta == 0 || options.noise != nullptr);
  const auto noise = step_noise(options, sigmas);
  std::vector<float> x0(x.size()), one(x.size()), two(x.size()), scratch(x.size());
  double h_one = 0, h_two = 0;
  for (std::size_t i = 0; i + 1 < sigmas.size(); ++i) {
    const double from = sigmas[i], to = sigmas[i + 1];
    model(x, from, x0);
    if (!(to > 0)) {
      std::ranges::copy(x0, x.begin());
      report_step(options, i, sigmas, x, x0);
      continue;
    }
    const Exact step = exact_step(from, to, options.eta);
    const double h = std::log(from / to);
    const double grown = (1 + options.eta) * h;
    const double phi_2 = std::expm1(-grown) / grown + 1;
    const double phi_3 = phi_2 / grown - 0.5;
    const double r0 = h_one / h, r1 = h_two / h;
    for (std::size_t k = 0; k < x.size(); ++k) {
      float value = step.keep * x[k] + step.take * x0[k];
      if (i == 1) value += static_cast<float>(phi_2 / r0) * (x0[k] - one[k]);
      if (i > 1) {
        const double newer = (x0[k] - one[k]) / r0;
        const double older = (one[k] - two[k]) / r1;
        const double bend = (newer - older) / (r0 + r1);
        value += static_cast<float>(phi_2 * (newer + bend * r0) - phi_3 * bend);
      }
      x[k] = value;
    }
    add_step_noise(noise.get(), from, to, step.fresh, scratch, x);
    report_step(options, i, sigmas, x, x0);
    std::swap(two, one);
    std::swap(one, x0);
    h_two = h_one;
    h_one = h;
  }
}

}  // namespace easel
