#pragma once

#include <functional>
#include <memory>

#include "diffusion/denoiser.h"
#include "diffusion/schedule.h"
#include "models/autoencoder_kl.h"
#include "models/unet.h"
#include "pipeline/drawing/draw_defaults.h"
#include "pipeline/drawing/measuring.h"

namespace easel {

/// The sizes of a model that denoises latents with a UNet, and its text encoder.
struct MeasuredSizes {
  UNetConfig unet;
  AutoencoderKlConfig autoencoder;
  double scale_factor = 1;
  int native_height = 0, native_width = 0;  ///< of the latent
  ScheduleConfig schedule;
  Parameterization parameterization = Parameterization::kEps;
  TimestepRule timestep_rule;
  DrawDefaults defaults;
  std::int64_t tokens = 0;  ///< of a prompt
  /// Encodes so many prompts -> [prompts, tokens, the UNet's context_channels].
  using Encode = std::function<Tensor(int prompts)>;
  /// Builds the text encoder, or the encoders.
  std::function<Encode(const Place& at)> text;
};

/// A model of these sizes.
std::unique_ptr<MeasuredModel> measure_diffusion(MeasuredSizes sizes);

}  // namespace easel
