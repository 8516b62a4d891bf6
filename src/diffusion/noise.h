#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/rng.h"
#include "core/rng_kinds.h"

namespace easel {

/// The noise of a run's steps, for samplers that solve a stochastic equation: what is added belongs
/// to the step it is added in.
class StepNoise {
 public:
  virtual ~StepNoise() = default;
  /// Fills `out`, the latents of a whole batch, with standard normal noise for the step from one
  /// noise level to another.
  virtual void draw(double sigma, double sigma_next, std::span<float> out) = 0;
};

/// Where start noise and a sampler's noise come from.
class NoiseSource {
 public:
  virtual ~NoiseSource() = default;
  /// Fills `out`, the latents of a whole batch, with the next standard normal draw.
  virtual void draw(std::span<float> out) = 0;
  /// Begins anew with generators seeded `delta` higher, where there is one for each picture.
  virtual void reseed(std::uint64_t) {}
  /// The noise of steps between these levels; unless said otherwise the next draws, whatever the
  /// levels. This outlives it. REQUIRES: 0 < lowest < highest
  virtual std::unique_ptr<StepNoise> between(double lowest, double highest);
};

/// The latents of a batch. The generators draw in torch's order, [B, C, H, W]; with
/// `channels_last` the values are handed out as [B, H, W, C].
struct LatentShape {
  std::int64_t batch = 1;
  std::int64_t channels = 4;
  std::int64_t height = 32;
  std::int64_t width = 32;
  bool channels_last = true;

  std::int64_t picture() const { return channels * height * width; }
  std::int64_t elements() const { return batch * picture(); }
};

/// One picture's values from torch's [C, H, W] into the order that `shape` asks for.
void hand_out(const LatentShape& shape, std::span<const float> planar, std::span<float> out);

/// One generator a picture: picture k of a batch equals that picture drawn alone.
class PerPictureNoise final : public NoiseSource {
 public:
  /// REQUIRES: seeds.size() == shape.batch
  PerPictureNoise(std::span<const std::uint64_t> seeds, const LatentShape& shape,
                  RngKind rng = RngKind::kTorchCpu);
  /// Seeds first_seed, first_seed + 1, … (wrapping past 2^64 - 1).
  PerPictureNoise(std::uint64_t first_seed, const LatentShape& shape);
  void draw(std::span<float> out) override;
  /// A Brownian tree a picture, of the picture's seed.
  std::unique_ptr<StepNoise> between(double lowest, double highest) override;

  /// Begins anew with generators seeded seed + delta (AUTOMATIC1111's "eta noise seed delta", to be
  /// called after the start noise); the trees keep the seeds.
  void reseed(std::uint64_t delta) override;

 private:
  RngKind kind_;
  LatentShape shape_;
  std::vector<std::uint64_t> seeds_;
  std::vector<NormalRng> rngs_;
  std::vector<float> scratch_;
};

/// One generator for everything, a batch drawn as one tensor, as latent-diffusion's txt2img does
/// after torch.manual_seed. The generator outlives this and is shared by all batches of a run.
class BatchNoise final : public NoiseSource {
 public:
  BatchNoise(TorchCpuRng& rng, const LatentShape& shape);
  void draw(std::span<float> out) override;

 private:
  LatentShape shape_;
  TorchCpuRng* rng_;
  std::vector<float> scratch_;
};

}  // namespace easel
