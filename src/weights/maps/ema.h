#pragma once

#include "weights/weights.h"

namespace easel {

/// Puts the averaged weights `model_ema.*` (latent-diffusion's LitEma: names without their dots) in
/// the place of `model.*` and drops them; unchanged where there are none.
/// Throws kInvalidFile when a shape differs or two names become one.
Weights with_ema(const Weights& weights);

/// Whether `model_ema.*` is there.
bool has_ema(const Weights& weights);

}  // namespace easel
