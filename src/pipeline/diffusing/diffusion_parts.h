#pragma once

#include <memory>

#include "backend/backend.h"
#include "diffusion/denoiser.h"
#include "diffusion/schedule.h"
#include "pipeline/drawing/model_info.h"
#include "pipeline/parts/latent_codec.h"
#include "pipeline/parts/prompt_encoder.h"
#include "pipeline/parts/unet_part.h"
#include "weights/weights.h"

namespace easel {

/// What a model that denoises latents is made of; its family fills it in. The parts read `weights`
/// and compute on `backend`.
struct DiffusionParts {
  std::unique_ptr<Backend> backend;
  std::unique_ptr<const Weights> weights;
  ModelInfo info;
  ScheduleConfig schedule;
  Parameterization parameterization = Parameterization::kEps;
  /// Where nothing says what the denoiser predicts: asks the denoiser itself, once, before the
  /// first picture. Else null.
  Parameterization (*probe)(Backend& backend, const UNet& unet) = nullptr;
  TimestepRule timestep_rule;
  std::unique_ptr<PromptEncoder> prompts;
  std::unique_ptr<UNetPart> unet;
  std::unique_ptr<LatentCodec> codec;
  /// A faster decoder for previews, and the file that it is from; or null.
  std::unique_ptr<const Weights> preview_weights = nullptr;
  std::unique_ptr<LatentCodec> preview_decoder = nullptr;
};

}  // namespace easel
