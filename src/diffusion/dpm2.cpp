#include <cassert>

#include "diffusion/sampler_steps.h"

// k-diffusion's second-order samplers with an evaluation in the middle of each step, in log(sigma).

namespace easel {
namespace {

// The middle between two levels, exp of the mean of their logarithms.
double middle_of(double from, double to) { return std::sqrt(from * to); }

// From x at `from`, where the picture is x0, to `to` by the slope in the middle.
class Midpoint {
 public:
  explicit Midpoint(std::size_t size) : ahead_(size), ahead_x0_(size) {}

  void step(std::span<float> x, std::span<const float> x0, const Denoiser& model, double from,
            double to) {
    const double middle = middle_of(from, to);
    for (std::size_t k = 0; k < x.size(); ++k) ahead_[k] = euler_step(x[k], x0[k], from, middle);
    model(ahead_, middle, ahead_x0_);
    const auto factor = static_cast<float>((to - from) / middle);
    for (std::size_t k = 0; k < x.size(); ++k) x[k] += factor * (ahead_[k] - ahead_x0_[k]);
  }

 private:
  std::vector<float> ahead_, ahead_x0_;
};

void euler_all(std::span<float> x, std::span<const float> x0, double from, double to) {
  for (std::size_t k = 0; k < x.size(); ++k) x[k] = euler_step(x[k], x0[k], from, to);
}

}  // namespace

void dpm_2(std::span<float> x, const Denoiser& model, std::span<const double> sigmas,
           const StepOptions& options) {
  std::vector<float> x0(x.size());
  Midpoint midpoint(x.size());
  for (std::size_t i = 0; i + 1 < sigmas.size(); ++i) {
    model(x, sigmas[i], x0);
    if (sigmas[i + 1] > 0) {
      midpoint.step(x, x0, model, sigmas[i], sigmas[i + 1]);
    } else {
      euler_all(x, x0, sigmas[i], 0);
    }
    report_step(options, i, sigmas, x, x0);
  }
}

void dpm_2_ancestral(std::span<float> x, const Denoiser& model, std::span<const double> sigmas,
                     const StepOptions& options) {
  assert(options.eta == 0 || options.noise != nullptr);
  std::vector<float> x0(x.size()), noise(x.size());
  Midpoint midpoint(x.size());
  for (std::size_t i = 0; i + 1 < sigmas.size(); ++i) {
    const AncestralStep step = ancestral_step(sigmas[i], sigmas[i + 1], options.eta);
    model(x, sigmas[i], x0);
    if (step.down > 0) {
      midpoint.step(x, x0, model, sigmas[i], step.down);
      if (step.up > 0) {
        options.noise->draw(noise);
        add_scaled(noise, step.up, x);
      }
    } else {
      euler_all(x, x0, sigmas[i], 0);
    }
    report_step(options, i, sigmas, x, x0);
  }
}

// In lambda = -log(sigma), h its step: the exact solution is
// x_t = e^-h x_s + (1 - e^-h) D where D stays the same (DPM-Solver++, equation 9).
void dpm_solver_pp_2s_ancestral(std::span<float> x, const Denoiser& model,
                                std::span<const double> sigmas, const StepOptions& options) {
  assert(options.eta == 0 || options.noise != nullptr);
  std::vector<float> x0(x.size()), ahead(x.size()), noise(x.size());
  for (std::size_t i = 0; i + 1 < sigmas.size(); ++i) {
    const AncestralStep step = ancestral_step(sigmas[i], sigmas[i + 1], options.eta);
    model(x, sigmas[i], x0);
    if (step.down > 0) {
      const double middle = middle_of(sigmas[i], step.down);
      for (std::size_t k = 0; k < x.size(); ++k) {
        ahead[k] = euler_step(x[k], x0[k], sigmas[i], middle);
      }
      model(ahead, middle, x0);
    }
    euler_all(x, x0, sigmas[i], step.down);
    if (sigmas[i + 1] > 0 && step.up > 0) {
      options.noise->draw(noise);
      add_scaled(noise, step.up, x);
    }
    report_step(options, i, sigmas, x, x0);
  }
}

}  // namespace easel
