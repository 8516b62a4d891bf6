#pragma once

#include <string>
#include <vector>

#include "weights/weights.h"

namespace easel {

/// How much a change counts, in the denoiser and in the text encoders; 0: not at all.
struct LoraStrength {
  double unet = 1;
  double text_encoder = 1;

  bool operator==(const LoraStrength&) const = default;
};

/// What became of a file of changes.
struct LoraReport {
  int changed = 0;                          ///< modules
  std::vector<std::string> unmatched = {};  ///< modules that the model has not
  std::vector<std::string> unknown = {};    ///< tensors of kinds that are not built ("oft_blocks")
  std::string base = {};                    ///< what the file says it was trained on, or empty
};

/// A Stable Diffusion model (in the names of weights/maps/stable_diffusion.h) with the changes of a
/// LoRA file of any of its kinds (delta.h) and spellings: kohya's, diffusers' and PEFT's. Each
/// weight becomes W + strength * scale * change when it is read; nothing is held but the small
/// factors, which are read here. Throws kWrongModel when the changes are for weights of other
/// sizes.
Weights with_lora(const Weights& model, const Weights& file, const LoraStrength& strength,
                  LoraReport& report);

/// The channels that the changed denoiser's cross-attention reads: 768, 1,024 or 2,048 tell for
/// which models a file is. 0 where no factor shows it.
std::int64_t lora_context_channels(const Weights& file);

/// Whether a file holds such changes and nothing else, told from its names.
bool is_lora(const Weights& file);

}  // namespace easel
