#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "ldm_networks.h"
#include "pipeline/drawing/model_info.h"

namespace easel::parity {

/// A vocabulary with as many tokens as the fixture's text encoder: in its folder, or in a folder of
/// this or the larger set.
std::optional<std::filesystem::path> vocabulary_of(const LdmFixture& fixture);

/// Each prompt of the metadata, encoded as a person's is, and the empty one.
void compare_prompts(const LdmFixture& fixture, const testing::BackendCase& which);

/// A whole run, "ddim", "plms" or "ddim_etaX": the latent after each step from the given noise, the
/// timesteps, and where there is one the picture. The metadata says prompts, steps and scale, the
/// tensors how many pictures and their size.
void compare_run(const LdmFixture& fixture, const std::string& name,
                 const testing::BackendCase& which);

/// What a precision costs the first run that has a picture, in decibels, no less than `least`.
void compare_rounding(const LdmFixture& fixture, const DrawingOptions& options, double least);

}  // namespace easel::parity
