#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "pipeline/families/stable_diffusion/sd_config.h"
#include "weights/textual_inversion.h"

namespace easel {

/// The textual inversions among `places`, by name: a file must fit the model's text encoders, of a
/// folder those are taken that do. A line of `notes` for each that is left out. Throws kWrongModel,
/// kNotFound, kInvalidFile for a file.
std::vector<TextualInversion> open_embeddings(const std::vector<std::filesystem::path>& places,
                                              const SdConfig& config,
                                              std::vector<std::string>& notes);

}  // namespace easel
