#include "diffusion/dpm_solver_steps.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace easel {

DpmSolverStep::DpmSolverStep(const Denoiser& model, std::size_t size)
    : model_(model),
      x0_(size),
      eps_(size),
      eps_1_(size),
      eps_2_(size),
      ahead_(size),
      scratch_(size) {}

void DpmSolverStep::noise_at(std::span<const float> x, float t, std::span<float> eps) {
  const float sigma = std::exp(-t);
  model_(x, sigma, scratch_);
  for (std::size_t k = 0; k < x.size(); ++k) {
    eps[k] = (x[k] - scratch_[k]) / sigma;
  }
}

void DpmSolverStep::evaluate(std::span<const float> x, float t) {
  noise_at(x, t, eps_);
  std::ranges::copy(scratch_, x0_.begin());
  first_ = 0;
}

void DpmSolverStep::step(std::span<const float> x, float t, float t_next, int order,
                         std::span<float> out, float first) {
  assert(order >= 1 && order <= 3);
  const float h = t_next - t;
  if (first == 0) first = order == 2 ? 0.5f : 1.0f / 3;
  const float second = 2.0f / 3;
  // eps_1 of an earlier step from the same x to the same t_next serves again.
  const float t_1 = t + first * h;
  if (order > 1 && (first != first_ || t_1 != t_1_)) {
    const float to = std::exp(-t_1) * std::expm1(first * h);
    for (std::size_t k = 0; k < x.size(); ++k) ahead_[k] = x[k] - to * eps_[k];
    noise_at(ahead_, t_1, eps_1_);
    first_ = first;
    t_1_ = t_1;
  }
  if (order == 3) {
    const float t_2 = t + second * h;
    const float sigma = std::exp(-t_2), grown = std::expm1(second * h);
    const float to = sigma * grown;
    const float bend = sigma * (second / first) * (grown / (second * h) - 1);
    for (std::size_t k = 0; k < x.size(); ++k) {
      ahead_[k] = x[k] - to * eps_[k] - bend * (eps_1_[k] - eps_[k]);
    }
    noise_at(ahead_, t_2, eps_2_);
  }
  const float sigma = std::exp(-t_next), grown = std::expm1(h);
  const float to = sigma * grown;
  const float bend = order == 2   ? sigma * grown / (2 * first)
                     : order == 3 ? sigma / second * (grown / h - 1)
                                  : 0;
  const auto& ahead = order == 3 ? eps_2_ : eps_1_;
  for (std::size_t k = 0; k < x.size(); ++k) {
    out[k] = x[k] - to * eps_[k] - (order > 1 ? bend * (ahead[k] - eps_[k]) : 0);
  }
}

}  // namespace easel
