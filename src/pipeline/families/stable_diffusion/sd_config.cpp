#include "pipeline/families/stable_diffusion/sd_config.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "pipeline/parts/network_shapes.h"
#include "weights/scope.h"

namespace easel {
namespace {

constexpr std::int64_t kTextHeadChannels = 64;  // of every published encoder

int text_heads(std::int64_t channels) {
  return static_cast<int>(std::max<std::int64_t>(1, channels / kTextHeadChannels));
}

// A layer whose output nobody reads is not there: folders of transformers leave it out, the
// original's files hold it.
void drop_unread_layers(SdTextConfig& text, const Weights& weights) {
  if (text.reading.pooled || text.reading.skip == 0) return;
  const bool folder = weights.format() == WeightsFormat::kHuggingFaceFolder;
  if (text.reading.final_norm && folder) {
    text.reading.skip = 0;
    return;
  }
  text.unread_layers = std::min(text.reading.skip, text.network.depth - 1);
  text.network.depth -= text.unread_layers;
  text.reading.skip = 0;
}

SdTextConfig text_from_shapes(const SdText& kind, const Weights& weights) {
  const Scope scope = Scope(weights) / kind.scope;
  SdTextConfig text{.scope = std::string(kind.scope),
                    .network = clip_text_encoder_from_shapes(scope),
                    .reading = kind.reading};
  text.network.heads = text_heads(text.network.channels);
  text.network.activation = kind.activation;
  if (!kind.reading.pooled) text.network.projection = 0;
  drop_unread_layers(text, weights);
  return text;
}

// Model files of the family that were trained to predict v say so by a tensor's name.
std::optional<Parameterization> parameterization_in(const Weights& weights) {
  if (weights.contains("v_pred")) return Parameterization::kV;
  return std::nullopt;
}

}  // namespace

std::int64_t SdConfig::context_channels() const {
  std::int64_t channels = 0;
  for (const SdTextConfig& text : texts) channels += text.network.channels;
  return channels;
}

SdConfig sd_config_from_shapes(const Weights& weights) {
  SdConfig config;
  config.member = find_sd_member(weights);
  if (config.member == nullptr) {
    fail(ErrorCode::kWrongModel, "the file is no Stable Diffusion model");
  }
  const SdMember& member = *config.member;
  const Scope root(weights);
  config.unet = unet_from_shapes(root / "model" / "diffusion_model");
  config.unet.num_head_channels = member.head_channels;
  if (root.has_scope("first_stage_model")) {
    config.autoencoder = autoencoder_from_shapes(root / "first_stage_model");
  }
  for (const SdText& kind : member.texts) config.texts.push_back(text_from_shapes(kind, weights));
  config.parameterization = parameterization_in(weights);
  if (config.parameterization) config.parameterization_from = "the tensor 'v_pred'";
  config.scale_factor = member.scale_factor;
  config.zero_empty_negative = member.zero_empty_negative;
  config.native_height = config.native_width = member.native_side / config.autoencoder.factor();
  config.defaults.scale = 7.5;
  return config;
}

void require_agreement(const SdConfig& config, std::string_view name) {
  const std::int64_t latent = config.autoencoder.latent_channels;
  if (config.unet.out_channels != latent) {
    fail(ErrorCode::kWrongModel,
         "{} holds a denoiser whose result has {} channels and an autoencoder with {}", name,
         config.unet.out_channels, latent);
  }
  if (config.unet.context_channels != config.context_channels()) {
    fail(ErrorCode::kWrongModel,
         "{} holds text encoders with {} channels and a denoiser that wants {}", name,
         config.context_channels(), config.unet.context_channels);
  }
  if (!std::isfinite(config.scale_factor) || config.scale_factor == 0) {
    fail(ErrorCode::kInvalidFile, "{} has a scale factor of {}, wanted a number other than 0", name,
         config.scale_factor);
  }
}

}  // namespace easel
