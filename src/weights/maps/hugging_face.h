#pragma once

#include <filesystem>

#include "weights/maps/key_table.h"
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

/// Whether a folder looks like a model in the Hugging Face layout (model_index.json or unet/).
bool is_hugging_face_folder(const std::filesystem::path& folder);

/// Opens `bert/`, `unet/` and `vqvae/` (or `vae/`), each in .safetensors or .bin, under the names
/// of an original checkpoint: `cond_stage_model.transformer.`, `model.diffusion_model.`,
/// `first_stage_model.`. Throws as open_weights; kNotFound names the missing part.
Weights open_hf_folder(const std::filesystem::path& folder);

}  // namespace easel
