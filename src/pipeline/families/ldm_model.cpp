#include "pipeline/families/ldm_model.h"

#include <algorithm>
#include <utility>

#include "backend/dry/dry.h"
#include "weights/scope.h"

namespace easel {
namespace {

constexpr std::string_view kTextEncoder = "cond_stage_model.transformer.";
constexpr std::string_view kUNet = "model.diffusion_model.";
constexpr std::string_view kAutoencoder = "first_stage_model.";

std::int64_t parameters_below(const Weights& weights, std::string_view prefix) {
  std::int64_t total = 0;
  const auto& entries = weights.entries();
  for (auto it = entries.lower_bound(prefix); it != entries.end() && it->first.starts_with(prefix);
       ++it) {
    total += it->second.source.shape.elements();
  }
  return total;
}

Place at(Backend& backend, const Weights& weights, std::string_view prefix) {
  return {backend, Scope(weights) / prefix.substr(0, prefix.size() - 1)};
}

// Old checkpoints keep what the original's loader skips beside the networks.
void ignore_leftovers(const Scope& autoencoder) {
  autoencoder.ignore("loss.");
  autoencoder.ignore("model_ema.");
}

bool has_encoder(const Weights& weights) {
  return weights.contains_prefix("first_stage_model.encoder.");
}

void check_networks(const Weights& weights, const LdmConfig& config) {
  const auto backend = make_dry_backend();
  const Place text = at(*backend, weights, kTextEncoder);
  const BertTextEncoder text_encoder(text, config.text);
  text.scope.require_all_taken();

  const Place denoiser = at(*backend, weights, kUNet);
  const UNet unet(denoiser, config.unet);
  denoiser.scope.require_all_taken();

  const Place autoencoder = at(*backend, weights, kAutoencoder);
  const AutoencoderKlDecoder decoder(autoencoder, config.autoencoder);
  if (has_encoder(weights)) {
    const AutoencoderKlEncoder encoder(autoencoder, config.autoencoder);
  } else {
    autoencoder.scope.ignore("quant_conv.");
  }
  ignore_leftovers(autoencoder.scope);
  autoencoder.scope.require_all_taken();
}

LdmModel::Sizes count(const Weights& weights) {
  const std::int64_t encoder = parameters_below(weights, "first_stage_model.encoder.") +
                               parameters_below(weights, "first_stage_model.quant_conv.");
  return {.text_encoder = parameters_below(weights, kTextEncoder) -
                          parameters_below(weights, "cond_stage_model.transformer.to_logits."),
          .unet = parameters_below(weights, kUNet),
          .decoder = parameters_below(weights, "first_stage_model.decoder.") +
                     parameters_below(weights, "first_stage_model.post_quant_conv."),
          .encoder = encoder};
}

}  // namespace

LdmModel::LdmModel(Backend& backend, Weights weights, LdmConfig config)
    : backend_(backend),
      weights_(std::move(weights)),
      config_(std::move(config)),
      sizes_(count(weights_)) {
  complete_from_weights(config_, weights_);
  require_agreement(config_, "the model");
  check_networks(weights_, config_);
}

const BertTextEncoder& LdmModel::text_encoder() {
  if (!text_encoder_) text_encoder_.emplace(at(backend_, weights_, kTextEncoder), config_.text);
  return *text_encoder_;
}

const UNet& LdmModel::unet() {
  if (!unet_) unet_.emplace(at(backend_, weights_, kUNet), config_.unet);
  return *unet_;
}

const AutoencoderKlDecoder& LdmModel::decoder() {
  if (!decoder_) decoder_.emplace(at(backend_, weights_, kAutoencoder), config_.autoencoder);
  return *decoder_;
}

const AutoencoderKlEncoder& LdmModel::encoder() {
  if (!encoder_) encoder_.emplace(at(backend_, weights_, kAutoencoder), config_.autoencoder);
  return *encoder_;
}

void LdmModel::release() {
  text_encoder_.reset();
  unet_.reset();
  decoder_.reset();
  encoder_.reset();
}

std::int64_t LdmModel::loaded() const {
  return (text_encoder_ ? sizes_.text_encoder : 0) + (unet_ ? sizes_.unet : 0) +
         (decoder_ ? sizes_.decoder : 0) + (encoder_ ? sizes_.encoder : 0);
}

std::int64_t LdmActivations::text_encoder(const LdmConfig& config, int prompts) {
  const BertTextEncoderConfig& text = config.text;
  const std::int64_t row = 4 * text.channels + 2 * text.inner + 6 * text.heads * text.head_channels;
  return prompts * text.tokens * row * std::int64_t{4};
}

// Skip connections of all levels, and at the widest place the concatenation, its normalised copy,
// the result, queries, keys, values and the gated hidden layer.
std::int64_t LdmActivations::unet(const LdmConfig& config, int pictures, int latent_pixels) {
  const UNetConfig& unet = config.unet;
  std::int64_t floats = 24 * unet.model_channels * unet.channel_mult.front() * latent_pixels;
  for (std::size_t level = 0; level < unet.channel_mult.size(); ++level) {
    const std::int64_t pixels = std::max(1, latent_pixels >> (2 * level));
    floats += (unet.num_res_blocks + 1) * unet.model_channels * unet.channel_mult[level] * pixels;
  }
  return pictures * floats * std::int64_t{4};
}

std::int64_t LdmActivations::deep_levels(const LdmConfig& config, int pictures, int latent_pixels) {
  const UNetConfig& unet = config.unet;
  const int width = unet.channel_mult[std::min<std::size_t>(1, unet.channel_mult.size() - 1)];
  return pictures * unet.model_channels * width * latent_pixels * std::int64_t{4};
}

// The widest level: what comes in, its normalised copy, the convolution's result and room for the
// next level's.
std::int64_t LdmActivations::decoder(const LdmConfig& config, int pictures, int latent_pixels) {
  const AutoencoderKlConfig& autoencoder = config.autoencoder;
  const std::size_t levels = autoencoder.channel_mult.size();
  std::int64_t floats = 0;
  for (std::size_t level = 0; level < levels; ++level) {
    const std::int64_t pixels = std::int64_t{latent_pixels} << (2 * (levels - 1 - level));
    const std::int64_t width =
        std::max(autoencoder.width(level), autoencoder.width(std::min(level + 1, levels - 1)));
    floats = std::max(floats, 4 * width * pixels);
  }
  return pictures * floats * std::int64_t{4};
}

}  // namespace easel
