#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "backend/registry/registry.h"
#include "diffusion/denoiser.h"
#include "pipeline/drawing/draw_defaults.h"
#include "weights/changes/lora.h"

namespace easel {

/// A file of small changes to a model's weights, and how much they count.
struct LoraFile {
  std::filesystem::path path;
  LoraStrength strength;

  bool operator==(const LoraFile&) const = default;
};

/// Where a model that draws lies.
struct ModelLocation {
  /// A checkpoint file, a folder that holds one (with its configuration and vocabulary beside it),
  /// or a folder in the Hugging Face layout.
  std::filesystem::path path;
  /// Instead of the configuration beside the checkpoint.
  std::optional<std::filesystem::path> config;
  /// Instead of the vocabulary beside the checkpoint.
  std::optional<std::filesystem::path> vocab;
  /// Folders of installed models, one folder a model; searched for a vocabulary of the right size
  /// when none lies beside the checkpoint.
  std::vector<std::filesystem::path> installed;
  /// An autoencoder by itself, instead of the model's own or where it has none.
  std::optional<std::filesystem::path> autoencoder;
  /// Changes to its weights, one on top of the other. Of families whose trainers make such.
  std::vector<LoraFile> loras;
  /// Embeddings that prompts may name: files, and folders of which those that fit are taken.
  std::vector<std::filesystem::path> embeddings;
  /// What the denoiser predicts, where a person knows it better than the file.
  std::optional<Parameterization> prediction;
};

struct DrawingOptions {
  BackendOptions backend;
  /// Keep the text encoder's weights after use. A server does, one picture does not: without it
  /// the peak is max(text encoder, UNet + decoder).
  bool keep_text_encoder = false;
  /// Keep the denoiser's weights while a draw()'s last pictures are decoded. Where nothing more is
  /// to be drawn, the peak is max(text encoder, UNet, decoder) without it.
  bool keep_denoiser = true;
  /// Bytes that weights and activations may take; 0: what the system says is available.
  std::int64_t memory_limit = 0;
  /// Keep the matrices of text encoder and denoiser in 8 bits (weights/changes/eight_bits.h).
  bool eight_bits = false;
  /// Encodings of prompts kept for the next request (the empty prompt's always is).
  int cached_prompts = 64;
};

/// What is known about a model once its directory and configuration are read; no weights are.
struct ModelInfo {
  std::string family;  ///< "latent-diffusion text-to-image"
  std::string name;    ///< the file's or folder's name, for a picture's settings
  int native_width = 0;
  int native_height = 0;
  int size_multiple = 0;  ///< width and height are multiples of this
  int max_side = 0;
  int latent_channels = 0;
  int latent_factor = 0;         ///< pixels a latent's side
  int tokens = 0;                ///< length of a prompt, its beginning and end included
  int schedule_steps = 0;        ///< most steps a sampler can take
  std::string parameterization;  ///< "eps", "x0" or "v"
  DrawDefaults defaults;         ///< where a request says nothing
  /// Whether the family reads AUTOMATIC1111's signs in prompts and can skip layers of its text
  /// encoder.
  bool reads_signs = false;
  std::int64_t parameters = 0;
  /// Facts worth telling a person, a line each ("no configuration: assuming 8 heads, …").
  std::vector<std::string> notes;
};

}  // namespace easel
