#pragma once

#include <span>
#include <vector>

#include "diffusion/kept_part.h"
#include "diffusion/plan.h"
#include "pipeline/diffusing/guided_unet.h"
#include "pipeline/parts/latent_codec.h"

namespace easel {

/// The denoising of batches at one size: a plan's steps, with the network that they ask.
class DenoisingPass {
 public:
  /// What it works with; all of it outlives the pass.
  struct Spec {
    Backend& backend;
    const UNet& unet;
    const Plan& plan;
    const Told& told;
    const Recipe& recipe;
    LatentFacts latent;
    Image::Size size = {};           ///< of the pictures
    int pass = 1;                    ///< of them in one pass of the network at most
    const Tensor* beside = nullptr;  ///< see GuidedUNet
    bool beside_guides = false;      ///< see GuidedUNet
    const CancelToken* cancel = nullptr;
  };
  explicit DenoisingPass(const Spec& spec);

  int height() const { return height_; }  ///< of the latents
  int width() const { return width_; }
  std::size_t latent_size() const;
  const Plan& plan() const { return spec_.plan; }
  double computed() const { return unet_.computed(); }

  /// Latents [batch, C, h, w] at the plan's first step in; denoised out. `kept` may be null.
  void run(std::span<float> latents, NoiseSource& noise, const KeptPart* kept,
           const StepCallback& on_step);

 private:
  const Spec spec_;
  const int height_, width_;
  const std::vector<float> guidance_;  // the scale as the network is told it, or empty
  GuidedUNet unet_;
};

}  // namespace easel
