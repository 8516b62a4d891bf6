#pragma once

#include "pipeline/diffusing/diffusion_parts.h"
#include "pipeline/families/stable_diffusion/sd_config.h"

namespace easel {

/// Gives a model its tiny autoencoder for previews where one is installed under the name that the
/// member's has ("taesd", "taesdxl"); a file there that is none is left out, with a note.
void add_preview_decoder(const ModelLocation& location, SdConfig& config, DiffusionParts& parts);

}  // namespace easel
