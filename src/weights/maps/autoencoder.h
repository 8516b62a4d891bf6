#pragma once

#include "weights/weights.h"

namespace easel {

/// A model with another autoencoder: below `first_stage_model.` are then the tensors of `file`, an
/// autoencoder by itself in its own bare names, in a checkpoint's or in Hugging Face's; or below
/// `taesd.` those of TAESD's decoder, in its author's names or Hugging Face's. Throws kWrongModel
/// when it is neither.
Weights with_autoencoder(const Weights& model, const Weights& file);

}  // namespace easel
