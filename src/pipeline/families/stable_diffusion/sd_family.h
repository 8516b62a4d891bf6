#pragma once

#include "pipeline/diffusing/diffusion_parts.h"
#include "pipeline/drawing/family.h"

namespace easel {

/// Stable Diffusion 1, 2 and XL (Rombach et al. 2022; Podell et al. 2023), in every layout that
/// people have them in.
Family stable_diffusion_family();

/// The parts of an opened model. Throws kWrongModel, kUnsupported, kInvalidFile, kNotFound.
DiffusionParts open_stable_diffusion(ModelFiles files, const DrawingOptions& options);

}  // namespace easel
