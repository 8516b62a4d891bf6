#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "diffusion/plan.h"
#include "pipeline/diffusing/denoising_pass.h"
#include "pipeline/diffusing/start.h"
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
  std::string prompt_notes = {};     ///< see DrawnPicture
  const Start* start = nullptr;      ///< a picture that the run begins at
  const Tensor* beside = nullptr;    ///< see GuidedUNet
  bool beside_guides = false;
  /// A second pass over the enlarged pictures.
  struct Second {
    const Plan& plan;
    const Told& told;
    Image::Size size;
    const Tensor* beside = nullptr;
  };
  std::optional<Second> second = {};
  /// Called once nothing is left to denoise: from then on `unet` is not used.
  std::function<void()> denoised = {};
};

/// One run of a complete recipe.
class DrawRun {
 public:
  DrawRun(const DrawParts& parts, const Recipe& recipe, const Pictures& which,
          const DrawHooks& hooks);

  std::vector<DrawnPicture> operator()();

 private:
  DenoisingPass::Spec pass_of(const Plan& plan, const Told& told, Image::Size size,
                              const Tensor* beside) const;
  std::unique_ptr<NoiseSource> make_noise(const DenoisingPass& pass, int first, int count);
  std::vector<float> draw_noise(const DenoisingPass& pass, NoiseSource& noise, int first,
                                int count);
  void vary(std::span<float> noise, int first, int count) const;
  void draw_start(NoiseSource& noise, std::span<float> latents);
  void draw_batch(int first, int count, std::vector<DrawnPicture>& out);
  void run_first(std::vector<float>& latents, NoiseSource& noise, int first, int count);
  std::vector<float> begin_at(std::span<const float> noise, int count) const;
  std::vector<float> enlarged(std::span<const float> latents, int count);
  std::vector<float> run_second(std::vector<float> latents, int first, int count);
  DrawStep step_of(const DenoisingPass& pass, const StepEvent& event, int first, int count) const;
  void report(const DenoisingPass& pass, const StepEvent& event, int first, int count);
  std::vector<float> denoised(int first, int count);
  void keep_unfinished(int first, int count, std::vector<DrawnPicture>& out);
  struct ToDecode {
    std::span<const float> latents;  // of a batch
    const DenoisingPass& pass;       // that they are of
    std::optional<Reached> unfinished = {};
  };
  void decode(const ToDecode& what, int first, int count, std::vector<DrawnPicture>& out);
  void check_steps() const;
  void check_cancelled() const;
  std::uint64_t seed_of(int picture) const;
  const DenoisingPass& last_pass() const { return second_ ? *second_ : first_; }
  Image::Size size_of(const DenoisingPass& pass) const;

  const DrawParts& parts_;
  const Recipe& recipe_;
  const Pictures& which_;
  const DrawHooks& hooks_;
  const LatentFacts latent_;
  const std::chrono::steady_clock::time_point start_;
  TorchCpuRng rng_;                 // of the whole run, where it is shared
  std::vector<float> start_noise_;  // of every batch, where that is fixed
  DenoisingPass first_;
  std::optional<DenoisingPass> second_;
  // The last finished step of the batch, where that may be kept; else without a pass.
  struct {
    const DenoisingPass* pass = nullptr;
    Reached at;
    std::vector<float> estimate;
  } reached_;
  std::vector<float> picture_;  // latents of a whole batch that the run begins at, or empty
};

/// Pictures whose decoding fits one pass: as many as make up 256 x 256 pixels.
int decoder_pass(const LatentFacts& latent, int latent_pixels);

}  // namespace easel
