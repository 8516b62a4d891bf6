#pragma once

#include "diffusion/denoiser.h"
#include "models/unet.h"

namespace easel {

/// What a denoiser of the second generation predicts, where nothing says it: given 0.5 everywhere
/// at the noisiest timestep, one that predicts noise answers with about its input, one that
/// predicts v with much less (the rule that AUTOMATIC1111 and stable-diffusion.cpp go by).
Parameterization probe_parameterization(Backend& backend, const UNet& unet);

/// The mean of answer - input on which that is decided: below -1 it is v.
double probe_mean(Backend& backend, const UNet& unet);

}  // namespace easel
