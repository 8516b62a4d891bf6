#pragma once

#include "weights/key_table.h"
#include "weights/weights.h"

namespace easel {

// Hugging Face's names for the three networks of latent-diffusion -> the names of the original
// checkpoint, without their prefix. How many levels and layers there are is read off the names.

/// UNet2DConditionModel -> UNetModel ("input_blocks.1.0.in_layers.0.weight").
KeyTable hugging_face_unet_table(const Weights& unet);

/// AutoencoderKL -> AutoencoderKL, in any of the three spellings of its attention.
KeyTable hugging_face_autoencoder_table(const Weights& autoencoder);

/// LDMBertModel -> BERTEmbedder's transformer.
KeyTable hugging_face_bert_table(const Weights& bert);

}  // namespace easel
