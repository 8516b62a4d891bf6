#pragma once

#include "weights/key_table.h"
#include "weights/weights.h"

namespace easel {

/// A Stable Diffusion checkpoint's tensors under one set of names, whichever program wrote it: the
/// denoiser below `model.diffusion_model.`, the autoencoder below `first_stage_model.`, the text
/// encoders in transformers' names below `text_encoder.` and, where SDXL has its second one,
/// `text_encoder_2.`. What no network reads (position_ids, logit_scale) is dropped. Throws
/// kInvalidFile where two tensors would have one name.
Weights with_stable_diffusion_names(const Weights& weights);

/// For the parts of a Hugging Face folder that have these names already.
KeyTable same_names_table(const Weights& part);

}  // namespace easel
