#include "diffusion/kept_part.h"

#include <cassert>
#include <cmath>
#include <utility>

namespace easel {

KeptPart::KeptPart(std::vector<float> latents, std::vector<float> keep)
    : latents_(std::move(latents)), keep_(std::move(keep)) {
  assert(latents_.size() == keep_.size());
}

void KeptPart::put_back(std::span<float> latents) const {
  assert(latents.size() == latents_.size());
  for (std::size_t i = 0; i < latents.size(); ++i) {
    latents[i] = latents[i] * (1.0f - keep_[i]) + latents_[i] * keep_[i];
  }
}

Correction KeptPart::in_estimate() const {
  return [this](std::span<float> x0, double) { put_back(x0); };
}

Network KeptPart::seen_by(Network network) const {
  return [this, network = std::move(network), seen = std::vector<float>()](
             std::span<const float> x, float timestep, std::span<float> out) mutable {
    seen.assign(x.begin(), x.end());
    put_back(seen);
    network(seen, timestep, out);
  };
}

std::function<void(std::span<float>, float)> KeptPart::noised_in(NoiseSource& noise) const {
  return [this, &noise, eps = std::vector<float>()](std::span<float> x, float alpha) mutable {
    assert(x.size() == latents_.size());
    eps.resize(x.size());
    noise.draw(eps);
    const float signal = std::sqrt(alpha);
    const float rest = std::sqrt(1.0f - alpha);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const float kept = signal * latents_[i] + rest * eps[i];
      x[i] = kept * keep_[i] + (1.0f - keep_[i]) * x[i];
    }
  };
}

}  // namespace easel
