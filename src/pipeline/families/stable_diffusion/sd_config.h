#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "diffusion/denoiser.h"
#include "diffusion/schedule.h"
#include "models/autoencoder_kl.h"
#include "models/clip_text_encoder.h"
#include "models/unet.h"
#include "pipeline/drawing/draw_defaults.h"
#include "pipeline/families/stable_diffusion/sd_members.h"
#include "weights/weights.h"

namespace easel {

/// One text encoder of a model, and what is read from it.
struct SdTextConfig {
  std::string scope;              ///< "text_encoder"
  ClipTextEncoderConfig network;  ///< without the layers that nobody reads
  TextReading reading;
  int unread_layers = 0;  ///< at the end of what the file holds
};

/// All the numbers of a Stable Diffusion model.
struct SdConfig {
  const SdMember* member = nullptr;
  std::vector<SdTextConfig> texts;  ///< their outputs side by side are what the denoiser attends to
  UNetConfig unet;
  AutoencoderKlConfig autoencoder;
  ScheduleConfig schedule;
  /// Where something says it; else a guess, or for some members a probe of the network.
  std::optional<Parameterization> parameterization;
  std::string parameterization_from;  ///< what said it, for a person: "v1-inference.yaml"
  TimestepRule timestep_rule;
  double scale_factor = 0.18215;
  int native_height = 64;
  int native_width = 64;             ///< of the latent
  bool zero_empty_negative = false;  ///< an empty negative prompt is zeros instead of encoded
  DrawDefaults defaults;
  std::vector<std::string> notes;

  int size_multiple() const { return autoencoder.factor() * unet.size_multiple(); }
  std::int64_t context_channels() const;
};

/// Sizes from the shapes, the rest as the published models of that kind have it. `weights` in the
/// names of weights/maps/stable_diffusion.h. Throws kWrongModel.
SdConfig sd_config_from_shapes(const Weights& weights);

/// What the original code's YAML says besides (prediction, schedule, heads, scale factor, size).
/// Throws kInvalidFile, kUnsupported, kIo.
void read_sd_yaml(const std::filesystem::path& file, SdConfig& config);

/// What a Hugging Face folder's JSON files say besides. Throws kInvalidFile, kUnsupported.
void read_sd_folder(const std::filesystem::path& folder, SdConfig& config);

/// Throws kWrongModel unless the networks fit each other. `name` says what holds them.
void require_agreement(const SdConfig& config, std::string_view name);

}  // namespace easel
