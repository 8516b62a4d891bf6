#pragma once

#include "pipeline/parts/latent_codec.h"
#include "pipeline/parts/latent_preview.h"

namespace easel {

/// The linear map from latents to colours that is nearest to what `codec` decodes.
LatentPreview fit_preview(LatentCodec& codec);

}  // namespace easel
