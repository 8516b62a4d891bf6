#pragma once

#include "models/autoencoder_kl.h"
#include "models/clip_text_encoder.h"
#include "models/unet.h"
#include "weights/scope.h"

// Sizes read off the tensors' shapes. Whatever is guessed wrong here is refused with its key and
// both shapes when the network is built. All throw kWrongModel when a tensor that a size is read
// from is missing.

namespace easel {

/// How many of scope/0, scope/1, … hold something; at most 256.
int count_entries(const Scope& scope);

/// Of the matrix `scope/weight`; 0 of anything else, which no network has.
std::int64_t columns_of(const Scope& scope);

/// channels / unit. Throws kWrongModel when it does not divide.
int multiple_of(std::int64_t channels, std::int64_t unit, const Scope& where);

/// All but the number of heads, which no shape tells. `scope` stands at the denoiser, in
/// latent-diffusion's names.
UNetConfig unet_from_shapes(const Scope& scope);

/// `scope` stands at the autoencoder, in latent-diffusion's names.
AutoencoderKlConfig autoencoder_from_shapes(const Scope& scope);

/// All but heads and activation. `scope` stands above `text_model`, in transformers' names.
ClipTextEncoderConfig clip_text_encoder_from_shapes(const Scope& scope);

}  // namespace easel
