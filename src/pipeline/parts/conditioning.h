#pragma once

#include "core/tensor.h"

namespace easel {

/// What a denoiser is told of prompts, a row a prompt. What a family has no use for is empty.
struct Conditioning {
  Tensor sequence;  ///< [prompts, tokens, channels]: attended to
  Tensor vector;    ///< [prompts, channels]: added to the timestep's embedding
  Tensor channels;  ///< [prompts, h, w, channels]: beside the latents' own
};

}  // namespace easel
