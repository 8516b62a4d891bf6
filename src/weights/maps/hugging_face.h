#pragma once

#include <string_view>

#include "weights/key_table.h"
#include "weights/weights.h"

namespace easel {

// Hugging Face's names for the three networks of latent-diffusion -> the names of the original
// checkpoint, without their prefix. How many levels and layers there are is read off the names.

/// UNet2DConditionModel -> UNetModel ("input_blocks.1.0.in_layers.0.weight").
KeyTable hugging_face_unet_table(const Weights& unet);

/// The way back, for the denoiser below `prefix` of a model in the original's names.
KeyTable unet_table_to_hugging_face(const Weights& model, std::string_view prefix);

/// AutoencoderKL -> AutoencoderKL, in any of the three spellings of its attention.
KeyTable hugging_face_autoencoder_table(const Weights& autoencoder);

/// LDMBertModel -> BERTEmbedder's transformer.
KeyTable hugging_face_bert_table(const Weights& bert);

}  // namespace easel
