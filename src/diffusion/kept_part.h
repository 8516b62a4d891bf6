#pragma once

#include <functional>
#include <span>
#include <vector>

#include "diffusion/denoiser.h"
#include "diffusion/noise.h"

namespace easel {

/// What stays of given latents while a run paints the rest of them anew (inpainting with a model
/// that was not trained for it). The programs of the field differ in where they put it back; each
/// of these hands out one way, for RunOptions or around a network. What they hand out refers to
/// this, which outlives it.
class KeptPart {
 public:
  /// `keep`: how much of each value stays, 1 all of it. REQUIRES: as many values as the latents
  KeptPart(std::vector<float> latents, std::vector<float> keep);

  /// In what the network says the finished picture is (AUTOMATIC1111's samplers over sigmas).
  Correction in_estimate() const;
  /// In what the network sees, without noise (AUTOMATIC1111's DDIM and PLMS).
  Network seen_by(Network network) const;
  /// In the latents before each step, noised anew to its level: sqrt(a) picture + sqrt(1 - a) eps
  /// (latent-diffusion's DDIMSampler; Lugmayr et al. 2022, "RePaint", equation 8). For
  /// RunOptions::before_step. `noise` is drawn from once a step and outlives the result.
  std::function<void(std::span<float> x, float alpha)> noised_in(NoiseSource& noise) const;
  /// In finished latents.
  void put_back(std::span<float> latents) const;

 private:
  const std::vector<float> latents_;
  const std::vector<float> keep_;
};

}  // namespace easel
