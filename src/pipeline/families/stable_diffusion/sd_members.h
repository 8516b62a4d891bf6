#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "nn/place.h"
#include "weights/weights.h"

namespace easel {

/// What a denoiser is told besides the text, as one vector.
enum class SdVector {
  kNone,
  kSizes,     ///< pooled text, original size, crop, target size (SDXL)
  kAesthetic  ///< pooled text, original size, crop, aesthetic score (SDXL's refiner)
};

/// What is read from a text encoder's output.
struct TextReading {
  int skip = 0;            ///< layers at the end that the sequence does without
  bool final_norm = true;  ///< whether the final normalisation is applied to the sequence
  bool pooled = false;
  bool may_skip = false;         ///< whether a person's "clip skip" counts
  std::int32_t padding = 49407;  ///< the id after a text's end: the end token again, or 0
};

/// A text encoder that a member has.
struct SdText {
  std::string_view scope;  ///< "text_encoder"
  Activation activation = Activation::kQuickGelu;
  TextReading reading;
};

/// A kind of Stable Diffusion model: what its files do not say.
struct SdMember {
  std::string_view name;  ///< "Stable Diffusion 1"
  std::span<const SdText> texts;
  int head_channels = 64;  ///< of the denoiser's attention; 0: 8 heads
  SdVector vector = SdVector::kNone;
  double scale_factor = 0.18215;
  int native_side = 512;  ///< of a picture
  /// A member whose models predict either the noise or v, with nothing in the file that tells.
  bool needs_probe = false;
  /// An empty negative prompt is zeros, as AUTOMATIC1111 and diffusers have it.
  bool zero_empty_negative = false;
  /// Under which name its tiny autoencoder is installed.
  std::string_view tiny_autoencoder = "taesd";
};

/// By the tensors' names and shapes, in the names of weights/maps/stable_diffusion.h; null for
/// other files.
const SdMember* find_sd_member(const Weights& weights);

/// A successor or companion that Easel does not draw with, by a name that only its files hold: "a
/// Stable Diffusion 3 model"; empty for other files.
std::string_view name_of_relative(const Weights& weights);

/// What a checkpoint is that holds networks of two families, each by its tensors' beginning; empty
/// for other files. `weights` in the file's own names.
std::string name_of_mixture(const Weights& weights);

/// A member that lacks a text encoder: "a Stable Diffusion XL model without its second text
/// encoder"; empty for other files. `weights` in the names of weights/maps/stable_diffusion.h.
std::string name_of_incomplete(const Weights& weights);

/// What a denoiser of so many channels in is for: "for inpainting"; empty where nobody published
/// such.
std::string_view use_of_channels(std::int64_t in_channels);

/// Which member's denoiser attends to so many channels: "Stable Diffusion 1"; empty for others.
std::string_view member_of_context(std::int64_t channels);

}  // namespace easel
