#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "diffusion/plan.h"
#include "pipeline/diffusing/guided_unet.h"
#include "pipeline/drawing/drawing_model.h"
#include "weights/weights.h"

namespace easel {

/// What a run draws with; all of it outlives the run.
struct DrawParts {
  Backend& backend;
  const UNet& unet;
  LatentCodec& codec;
  const Plan& plan;
  const Told& told;
  /// Pictures sampled together, and at most so many of them in one pass of a network.
  int batch = 1;
  int pass = 1;
  const Weights* weights = nullptr;  ///< to name those that are no numbers; null: nobody asks
};

/// One run of a complete recipe.
class DrawRun {
 public:
  DrawRun(const DrawParts& parts, const Recipe& recipe, const Pictures& which,
          const DrawHooks& hooks);

  std::vector<DrawnPicture> operator()();

 private:
  std::unique_ptr<NoiseSource> make_noise(int first, int count);
  void vary(std::span<float> noise, int first, int count) const;
  void draw_start(NoiseSource& noise, std::span<float> latents);
  void draw_batch(int first, int count, std::vector<DrawnPicture>& out);
  DrawStep step_of(const StepEvent& event, int first, int count) const;
  void report(const StepEvent& event, int first, int count);
  void decode(std::span<const float> latents, int first, int count, std::vector<DrawnPicture>& out);
  void check_cancelled() const;
  std::size_t latent_size() const;
  std::uint64_t seed_of(int picture) const;

  const DrawParts& parts_;
  const Recipe& recipe_;
  const Pictures& which_;
  const DrawHooks& hooks_;
  const LatentFacts latent_;
  const int height_, width_;  // of the latent
  const std::chrono::steady_clock::time_point start_;
  TorchCpuRng rng_;                    // of the whole run, where it is shared
  std::vector<float> start_noise_;     // of every batch, where that is fixed
  const std::vector<float> guidance_;  // the scale as the network is told it, or empty
  GuidedUNet unet_;
};

/// Pictures whose decoding fits one pass: as many as make up 256 x 256 pixels.
int decoder_pass(const LatentFacts& latent, int latent_pixels);

}  // namespace easel
