#pragma once

#include <vector>

#include "pipeline/families/stable_diffusion/sd_config.h"
#include "pipeline/families/stable_diffusion/sd_prompt_reading.h"
#include "pipeline/parts/prompt_encoder.h"

namespace easel {

/// The weight of each row of one chunk of all texts of a batch.
std::vector<float> weights_of(const TextBatch& batch, std::size_t chunk);

/// Layers at the end that the sequence does without: the model's own, or those that a person skips.
/// AUTOMATIC1111 cuts the first generation's encoder short, no other.
int skip_of(const SdTextConfig& text, const PromptReading& reading);

}  // namespace easel
