#pragma once

#include <span>
#include <vector>

#include "diffusion/denoiser.h"

namespace easel {

/// Lu et al. 2022, "DPM-Solver", algorithms 1 and 2 (singlestep, predicting the noise) for
/// x = x0 + sigma eps, in t = -log(sigma), rounded to float after every operation as k-diffusion
/// rounds: where the error chooses the steps, a last digit becomes another step. The model outlives
/// it.
class DpmSolverStep {
 public:
  DpmSolverStep(const Denoiser& model, std::size_t size);

  /// Asks the model at t: where the steps that follow begin.
  void evaluate(std::span<const float> x, float t);
  /// From x at t, which was evaluated, to t_next. `first` is where in the step the second
  /// evaluation lies; by default 1/2 for order 2 and 1/3 for order 3 (whose third lies at 2/3).
  /// `out` may be x. REQUIRES: order is 1, 2 or 3
  void step(std::span<const float> x, float t, float t_next, int order, std::span<float> out,
            float first = 0);

  /// The picture as the last evaluate() said.
  std::span<const float> x0() const { return x0_; }

 private:
  void noise_at(std::span<const float> x, float t, std::span<float> eps);

  const Denoiser& model_;
  std::vector<float> x0_, eps_, eps_1_, eps_2_, ahead_, scratch_;
  float first_ = 0, t_1_ = 0;  // where eps_1_ was asked
};

}  // namespace easel
