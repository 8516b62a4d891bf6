#include "models/autoencoder_kl.h"

#include <algorithm>
#include <utility>

#include "nn/tensor_ops.h"

namespace easel {
namespace {

// Of all its normalisations.
constexpr int kNormGroups = 32;
constexpr float kEps = 1e-6f;

GroupNorm::Spec norm(std::int64_t channels, Activation activation) {
  return {.channels = channels, .groups = kNormGroups, .eps = kEps, .activation = activation};
}
GroupNorm::Spec norm_silu(std::int64_t channels) { return norm(channels, Activation::kSilu); }

std::optional<Linear> make_shortcut(const Place& at, std::int64_t in, std::int64_t out) {
  if (in == out) return std::nullopt;
  return std::optional<Linear>(std::in_place, at / "nin_shortcut",
                               Linear::Spec{.in = in, .out = out});
}

struct LevelSpec {
  std::int64_t in, out;
  int blocks;
  bool attention;
};

AutoencoderLevel make_level(const Place& at, const LevelSpec& spec) {
  AutoencoderLevel level;
  for (int i = 0; i < spec.blocks; ++i) {
    level.blocks.emplace_back(at / "block" / i, i == 0 ? spec.in : spec.out, spec.out);
    if (spec.attention) level.attention.emplace_back(at / "attn" / i, spec.out);
  }
  return level;
}

std::vector<AutoencoderLevel> make_up(const Place& at, const AutoencoderKlConfig& config) {
  std::vector<AutoencoderLevel> up;
  std::int64_t channels = config.deepest_width();
  for (std::size_t i = config.channel_mult.size(); i-- > 0;) {
    const Place here = at / static_cast<int>(i);
    up.push_back(make_level(here, {.in = channels,
                                   .out = config.width(i),
                                   .blocks = config.num_res_blocks + 1,
                                   .attention = config.has_attention(i)}));
    channels = config.width(i);
    if (i == 0) break;
    Conv2dSpec enlarge = same_conv(channels, channels);
    enlarge.upsample = true;
    up.back().resample.emplace(here / "upsample" / "conv", enlarge);
  }
  return up;
}

std::vector<AutoencoderLevel> make_down(const Place& at, const AutoencoderKlConfig& config) {
  std::vector<AutoencoderLevel> down;
  std::int64_t channels = config.channels;
  for (std::size_t i = 0; i < config.channel_mult.size(); ++i) {
    const Place here = at / static_cast<int>(i);
    down.push_back(make_level(here, {.in = channels,
                                     .out = config.width(i),
                                     .blocks = config.num_res_blocks,
                                     .attention = config.has_attention(i)}));
    channels = config.width(i);
    if (i + 1 == config.channel_mult.size()) break;
    // Padded on the right and at the bottom only.
    const Conv2dSpec reduce{.in = channels, .out = channels, .stride = 2, .pad_before = 0};
    down.back().resample.emplace(here / "downsample" / "conv", reduce);
  }
  return down;
}

}  // namespace

bool AutoencoderKlConfig::has_attention(std::size_t level) const {
  return std::ranges::find(attention_levels, static_cast<int>(level)) != attention_levels.end();
}

AutoencoderResBlock::AutoencoderResBlock(const Place& at, std::int64_t in, std::int64_t out)
    : norm1_(at / "norm1", norm_silu(in)),
      conv1_(at / "conv1", same_conv(in, out)),
      norm2_(at / "norm2", norm_silu(out)),
      conv2_(at / "conv2", same_conv(out, out)),
      shortcut_(make_shortcut(at, in, out)) {}

// The map of the largest picture is what a decoder's memory is for: where the shortcut is another
// map, the block's own input makes way.
Tensor AutoencoderResBlock::operator()(Tensor x) const {
  Tensor skipped;  // [B, H, W, out]
  if (shortcut_) {
    skipped = (*shortcut_)(x);
    norm1_.in_place(x);
  } else {
    skipped = std::exchange(x, norm1_(x));
  }
  Tensor h = conv1_(x);  // [B, H, W, out]
  x = {};
  norm2_.in_place(h);
  conv2_.run(h, {.residual = skipped}, skipped);
  return skipped;
}

AutoencoderAttention::AutoencoderAttention(const Place& at, std::int64_t channels)
    : norm_(at / "norm", norm(channels, Activation::kNone)),
      attention_(at, {.channels = channels,
                      .inner = channels,
                      .heads = 1,
                      .qkv_bias = true,
                      .names = {.q = "q", .k = "k", .v = "v", .out = "proj_out"}}) {}

Tensor AutoencoderAttention::operator()(Tensor x) const {
  const Shape image = x.shape();
  const Tensor normed = norm_(x);
  Tensor tokens = std::move(x).reshaped(as_tokens(normed).shape);  // [B, H * W, channels]
  attention_.run(as_tokens(normed), tokens, tokens);
  return std::move(tokens).reshaped(image);
}

AutoencoderMiddle::AutoencoderMiddle(const Place& at, std::int64_t channels)
    : block_1_(at / "block_1", channels, channels),
      attn_1_(at / "attn_1", channels),
      block_2_(at / "block_2", channels, channels) {}

Tensor AutoencoderMiddle::operator()(Tensor x) const {
  return block_2_(attn_1_(block_1_(std::move(x))));
}

Tensor AutoencoderLevel::operator()(Tensor x) const {
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    x = blocks[i](std::move(x));
    if (!attention.empty()) x = attention[i](std::move(x));
  }
  return resample ? (*resample)(x) : std::move(x);
}

AutoencoderKlDecoder::AutoencoderKlDecoder(const Place& at, const AutoencoderKlConfig& config)
    : post_quant_conv_(at / "post_quant_conv",
                       {.in = config.latent_channels, .out = config.z_channels}),
      conv_in_(at / "decoder" / "conv_in", same_conv(config.z_channels, config.deepest_width())),
      mid_(at / "decoder" / "mid", config.deepest_width()),
      up_(make_up(at / "decoder" / "up", config)),
      norm_out_(at / "decoder" / "norm_out", norm_silu(config.width(0))),
      conv_out_(at / "decoder" / "conv_out", same_conv(config.width(0), config.picture_channels)) {}

Tensor AutoencoderKlDecoder::operator()(ConstView z) const {
  Tensor h = mid_(conv_in_(post_quant_conv_(z)));  // [B, H, W, deepest width]
  for (const AutoencoderLevel& level : up_) h = level(std::move(h));
  norm_out_.in_place(h);
  return conv_out_(h);  // [B, f * H, f * W, 3]
}

AutoencoderKlEncoder::AutoencoderKlEncoder(const Place& at, const AutoencoderKlConfig& config)
    : conv_in_(at / "encoder" / "conv_in", same_conv(config.picture_channels, config.channels)),
      down_(make_down(at / "encoder" / "down", config)),
      mid_(at / "encoder" / "mid", config.deepest_width()),
      norm_out_(at / "encoder" / "norm_out", norm_silu(config.deepest_width())),
      conv_out_(at / "encoder" / "conv_out",
                same_conv(config.deepest_width(), 2 * config.z_channels)),
      quant_conv_(at / "quant_conv",
                  {.in = 2 * config.z_channels, .out = 2 * config.latent_channels}) {}

Tensor AutoencoderKlEncoder::operator()(ConstView x) const {
  Tensor h = conv_in_(x);
  for (const AutoencoderLevel& level : down_) h = level(std::move(h));
  h = mid_(std::move(h));  // [B, H / f, W / f, deepest width]
  norm_out_.in_place(h);
  return quant_conv_(conv_out_(h));  // [B, H / f, W / f, 2 * latent_channels]
}

}  // namespace easel
