#pragma once

#include <string>
#include <string_view>

#include "weights/weights.h"

namespace easel {

/// What Easel can do with a model file.
enum class ModelUse { kTextToImage, kUpscale, kNothing };

/// What a model file is, told from its tensors' names and shapes.
struct ModelFamily {
  std::string
      name;  ///< "a latent-diffusion text-to-image model", "a Stable Diffusion 1 checkpoint"
  ModelUse use = ModelUse::kNothing;
  std::string advice;  ///< what it is good for, or what would work instead
};

/// Never throws: what nobody knows is "a file of 12 tensors ('a', 'b', …)".
ModelFamily recognise(const Weights& weights);

/// Throws kWrongModel, saying what the file is and what would work, unless it is for `use`.
/// `path` is for the message.
void require_use(const Weights& weights, ModelUse use, std::string_view path);

}  // namespace easel
