#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <span>
#include <vector>

#include "diffusion/samplers.h"

// What the samplers over sigmas share.

namespace easel {

/// x + (x - x0) / sigma * (to - sigma), without the division by a small sigma.
inline float euler_step(float x, float x0, double sigma, double to) {
  return x0 + static_cast<float>(to / sigma) * (x - x0);
}

/// A step from one level to another as a longer one, `down`, and fresh noise of deviation `up` that
/// brings the level back: up^2 + down^2 = to^2. eta 1 makes it DDPM's.
struct AncestralStep {
  double down = 0;
  double up = 0;
};
inline AncestralStep ancestral_step(double from, double to, double eta) {
  const double up = std::min(to, eta * to * std::sqrt(1 - (to / from) * (to / from)));
  return {.down = std::sqrt(to * to - up * up), .up = up};
}

/// Tells on_step that step `step`, from 0, is done.
inline void report_step(const StepOptions& options, std::size_t step,
                        std::span<const double> sigmas, std::span<const float> x,
                        std::span<const float> x0) {
  if (!options.on_step) return;
  options.on_step({.step = static_cast<int>(step) + 1,
                   .steps = static_cast<int>(sigmas.size()) - 1,
                   .x = x,
                   .x0 = x0});
}

/// x += deviation * noise.
inline void add_scaled(std::span<const float> noise, double deviation, std::span<float> x) {
  for (std::size_t k = 0; k < x.size(); ++k) x[k] += static_cast<float>(deviation) * noise[k];
}

/// The noise of the steps through these levels; none where none is added, or there is one step.
inline std::unique_ptr<StepNoise> step_noise(const StepOptions& options,
                                             std::span<const double> sigmas) {
  if (options.eta == 0 || options.noise == nullptr || sigmas.empty()) return nullptr;
  const double highest = *std::ranges::max_element(sigmas);
  double lowest = highest;
  for (const double sigma : sigmas) {
    if (sigma > 0) lowest = std::min(lowest, sigma);
  }
  return lowest < highest ? options.noise->between(lowest, highest) : nullptr;
}

/// t = -log(sigma) and back as k-diffusion computes them: rounded to float.
struct FloatLevel {
  static float t(double sigma) { return -std::log(static_cast<float>(sigma)); }
  static float sigma(float t) { return std::exp(-t); }
};

}  // namespace easel
