#pragma once

#include "core/rng.h"
#include "diffusion/noise.h"

namespace easel {

/// torch.randn_like of a tensor whose channels lie last in memory, as those that a script made from
/// a picture's array do: torch then draws one value after another, pixel by pixel, where it
/// otherwise fills planes sixteen at a time. Handed out as planes, [B, C, h, w]. The generator
/// outlives this.
class ChannelsLastNoise final : public NoiseSource {
 public:
  ChannelsLastNoise(TorchCpuRng& rng, const LatentShape& shape) : rng_(rng), shape_(shape) {}
  void draw(std::span<float> out) override;

 private:
  TorchCpuRng& rng_;
  const LatentShape shape_;
};

}  // namespace easel
