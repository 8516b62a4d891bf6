#pragma once

#include "pipeline/diffusing/measured_diffusion.h"
#include "pipeline/families/stable_diffusion/sd_config.h"

namespace easel {

/// The sizes of a Stable Diffusion model, for measuring.
MeasuredSizes sizes_of(const SdConfig& config);

}  // namespace easel
