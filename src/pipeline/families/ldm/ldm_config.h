#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "diffusion/denoiser.h"
#include "diffusion/schedule.h"
#include "models/autoencoder_kl.h"
#include "models/bert_text_encoder.h"
#include "models/unet.h"
#include "pipeline/drawing/draw_defaults.h"
#include "weights/weights.h"

namespace easel {

/// All the numbers of a latent-diffusion text-to-image model.
struct LdmConfig {
  BertTextEncoderConfig text;
  UNetConfig unet;
  AutoencoderKlConfig autoencoder;
  ScheduleConfig schedule;
  Parameterization parameterization = Parameterization::kEps;
  TimestepRule timestep_rule;
  double scale_factor = 0.18215;  ///< latents of the autoencoder times this are the denoiser's
  int native_height = 32;         ///< of the latent
  int native_width = 32;
  bool use_ema = true;
  DrawDefaults defaults;
  /// What was assumed, a line each.
  std::vector<std::string> notes;

  /// Pixels that width and height are multiples of.
  int size_multiple() const { return autoencoder.factor() * unet.size_multiple(); }
};

/// Throws unless the three networks fit each other (context width, latent channels) and every size
/// is one that a network can have. `name` says in the message what describes them.
void require_agreement(const LdmConfig& config, std::string_view name);

/// latent-diffusion's YAML. Keys that it does not know are ignored; keys that would change the
/// network in a way Easel does not have throw kUnsupported. `name` is for messages. Throws
/// kInvalidFile for text that is no such configuration.
LdmConfig parse_ldm_config(std::string_view yaml, std::string_view name);

/// The same from a file of at most 1 MiB. Throws kNotFound, kIo besides.
LdmConfig read_ldm_config(const std::filesystem::path& file);

/// Without a configuration: channels, levels, depth and context from the shapes; heads, schedule
/// and scale factor as in text2img-large, which the one note says. Throws kWrongModel when a
/// tensor that a size is read from is missing.
LdmConfig ldm_config_from_shapes(const Weights& weights);

/// A folder in the Hugging Face layout: sizes from the shapes, the rest from its JSON files where
/// they say it. Throws kUnsupported for settings that Easel does not have, kInvalidFile.
LdmConfig ldm_config_from_hugging_face(const std::filesystem::path& folder, const Weights& weights);

/// What no configuration says and the file does: the text encoder's heads and inner width, and a
/// scale factor that the training measured.
void complete_from_weights(LdmConfig& config, const Weights& weights);

}  // namespace easel
