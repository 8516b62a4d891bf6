#include "pipeline/parts/kl_codec.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "backend/dry/dry.h"
#include "core/error.h"
#include "nn/tensor_ops.h"

namespace easel {
namespace {

void check(const KlCodec::Spec& spec) {
  const auto backend = make_dry_backend();
  const AutoencoderKlDecoder decoder({*backend, spec.scope}, spec.config);
  if (spec.scope.has_scope("encoder")) {
    const AutoencoderKlEncoder encoder({*backend, spec.scope}, spec.config);
  } else {
    spec.scope.ignore("quant_conv.");
  }
  // Old checkpoints keep what the original's loader skips beside the networks.
  spec.scope.ignore("loss.");
  spec.scope.ignore("model_ema.");
  spec.scope.require_all_taken();
}

std::int64_t parameters_of(const Scope& scope, std::string_view half, std::string_view quant) {
  return (scope / half).parameters() + (scope / quant).parameters();
}

}  // namespace

KlCodec::KlCodec(Backend& backend, Spec spec)
    : backend_(backend),
      spec_(std::move(spec)),
      decoder_parameters_(parameters_of(spec_.scope, "decoder", "post_quant_conv")),
      encoder_parameters_(parameters_of(spec_.scope, "encoder", "quant_conv")) {
  check(spec_);
}

LatentFacts KlCodec::facts() const {
  return {.channels = static_cast<int>(spec_.config.latent_channels),
          .factor = spec_.config.factor(),
          .scale = spec_.scale_factor};
}

const AutoencoderKlDecoder& KlCodec::decoder() {
  if (!decoder_) decoder_.emplace(Place{backend_, spec_.scope, &edges_}, spec_.config);
  return *decoder_;
}

const AutoencoderKlEncoder& KlCodec::encoder() {
  if (!encoder_) encoder_.emplace(Place{backend_, spec_.scope, &edges_}, spec_.config);
  return *encoder_;
}

void KlCodec::release() {
  decoder_.reset();
  encoder_.reset();
}

std::int64_t KlCodec::parameters_loaded() const {
  return (decoder_ ? decoder_parameters_ : 0) + (encoder_ ? encoder_parameters_ : 0);
}

std::vector<float> KlCodec::decode(std::span<const float> latents, const Size& size) {
  const auto inverse = static_cast<float>(1.0 / spec_.scale_factor);
  std::vector<float> z(latents.begin(), latents.end());
  for (float& value : z) value *= inverse;
  const Tensor decoded = decoder()(
      from_nchw(backend_, z, {size.count, size.height, size.width, spec_.config.latent_channels}));
  std::vector<float> pixels(static_cast<std::size_t>(decoded.elements()));
  backend_.download(decoded, Layout::kPixels, pixels);
  return pixels;
}

LatentPosterior KlCodec::posterior(std::span<const float> pixels, Image::Size size) {
  const int factor = facts().factor;
  if (size.width % factor != 0 || size.height % factor != 0) {
    fail(ErrorCode::kUsage, "the picture has {}x{} pixels, wanted multiples of {}", size.width,
         size.height, factor);
  }
  if (!spec_.scope.has_scope("encoder")) {
    fail(ErrorCode::kWrongModel,
         "the model's autoencoder has no encoder: it makes no latents of pictures");
  }
  Tensor x(backend_.arena(), {1, size.height, size.width, spec_.config.picture_channels});
  backend_.upload(pixels, Layout::kPixels, x);
  const Tensor moments = encoder()(x);  // [1, h, w, 2 C]
  const std::int64_t channels = moments.channels() / 2;
  const auto scale = static_cast<float>(spec_.scale_factor);
  const auto part = [&](std::int64_t first) {
    std::vector<float> values(static_cast<std::size_t>(moments.elements() / 2));
    to_nchw(backend_, channels_of(ConstView(moments), first, channels), values);
    return values;
  };
  LatentPosterior posterior{.mean = part(0), .deviation = part(channels)};
  for (float& value : posterior.mean) value *= scale;
  for (float& log_variance : posterior.deviation) {
    log_variance = scale * std::exp(0.5f * std::clamp(log_variance, -30.0f, 20.0f));
  }
  return posterior;
}

// The most is held by a level's first block: its input, which the level below enlarged, beside two
// maps of its own.
std::int64_t KlCodec::activations(int pictures, int latent_pixels) const {
  const AutoencoderKlConfig& config = spec_.config;
  const std::size_t levels = config.channel_mult.size();
  std::int64_t floats = 0;
  for (std::size_t level = 0; level < levels; ++level) {
    const std::int64_t pixels = std::int64_t{latent_pixels} << (2 * (levels - 1 - level));
    const std::int64_t out = config.width(level),
                       in = config.width(std::min(level + 1, levels - 1));
    floats = std::max(floats, (std::max(in, out) + 2 * out) * pixels);
  }
  return pictures * floats * std::int64_t{4};
}

}  // namespace easel
