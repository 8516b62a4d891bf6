#include <cassert>
#include <utility>

#include "diffusion/sampler_steps.h"

// The ODE of Karras et al. 2022, equation 4: dx/dsigma = (x - D(x; sigma)) / sigma.

namespace easel {

void euler(std::span<float> x, const Denoiser& model, std::span<const double> sigmas,
           const StepOptions& options) {
  std::vector<float> x0(x.size());
  for (std::size_t i = 0; i + 1 < sigmas.size(); ++i) {
    model(x, sigmas[i], x0);
    for (std::size_t k = 0; k < x.size(); ++k) {
      x[k] = euler_step(x[k], x0[k], sigmas[i], sigmas[i + 1]);
    }
    report_step(options, i, sigmas, x, x0);
  }
}

void euler_ancestral(std::span<float> x, const Denoiser& model, std::span<const double> sigmas,
                     const StepOptions& options) {
  assert(options.eta == 0 || options.noise != nullptr);
  std::vector<float> x0(x.size());
  std::vector<float> noise(x.size());
  for (std::size_t i = 0; i + 1 < sigmas.size(); ++i) {
    const double from = sigmas[i];
    const double to = sigmas[i + 1];
    const auto [down, up] = ancestral_step(from, to, options.eta);
    model(x, from, x0);
    for (std::size_t k = 0; k < x.size(); ++k) x[k] = euler_step(x[k], x0[k], from, down);
    if (up > 0) {
      options.noise->draw(noise);
      add_scaled(noise, up, x);
    }
    report_step(options, i, sigmas, x, x0);
  }
}

void heun(std::span<float> x, const Denoiser& model, std::span<const double> sigmas,
          const StepOptions& options) {
  std::vector<float> x0(x.size());
  std::vector<float> ahead(x.size());
  std::vector<float> ahead_x0(x.size());
  for (std::size_t i = 0; i + 1 < sigmas.size(); ++i) {
    const double from = sigmas[i];
    const double to = sigmas[i + 1];
    model(x, from, x0);
    for (std::size_t k = 0; k < x.size(); ++k) ahead[k] = euler_step(x[k], x0[k], from, to);
    if (to > 0) {  // the trapezoidal rule: the mean of the slopes at both ends
      model(ahead, to, ahead_x0);
      const auto half = static_cast<float>((to - from) / 2);
      for (std::size_t k = 0; k < x.size(); ++k) {
        const float slope = (x[k] - x0[k]) / static_cast<float>(from);
        const float slope_ahead = (ahead[k] - ahead_x0[k]) / static_cast<float>(to);
        x[k] += half * (slope + slope_ahead);
      }
    } else {
      std::ranges::copy(ahead, x.begin());
    }
    report_step(options, i, sigmas, x, to > 0 ? ahead_x0 : x0);
  }
}

// In lambda = -log(sigma) the exact step is x_t = (sigma_t / sigma_s) x_s + the integral of
// e^(lambda - lambda_t) D: D is taken as a line through its last two values.
void dpm_solver_pp_2m(std::span<float> x, const Denoiser& model, std::span<const double> sigmas,
                      const StepOptions& options) {
  std::vector<float> x0(x.size());
  std::vector<float> previous(x.size());
  for (std::size_t i = 0; i + 1 < sigmas.size(); ++i) {
    model(x, sigmas[i], x0);
    const auto ratio = static_cast<float>(sigmas[i + 1] / sigmas[i]);
    float ahead = 0;  // 1 / (2 r) of algorithm 2; none at the first step and at the last
    const bool plain = options.first_order_at_end && i + 2 == sigmas.size();
    if (i > 0 && sigmas[i + 1] > 0 && !plain) {
      const double h = std::log(sigmas[i] / sigmas[i + 1]);
      const double h_last = std::log(sigmas[i - 1] / sigmas[i]);
      ahead = static_cast<float>(h / (2 * h_last));
    }
    for (std::size_t k = 0; k < x.size(); ++k) {
      const float d = x0[k] + ahead * (x0[k] - previous[k]);
      x[k] = ratio * x[k] + (1 - ratio) * d;
    }
    report_step(options, i, sigmas, x, x0);
    std::swap(x0, previous);
  }
}

}  // namespace easel
