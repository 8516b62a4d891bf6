#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "nn/attention.h"
#include "nn/conv2d.h"
#include "nn/linear.h"
#include "nn/norm.h"

namespace easel {

struct AutoencoderKlConfig {
  std::int64_t picture_channels = 3;
  std::int64_t latent_channels = 4;  ///< `embed_dim`
  std::int64_t z_channels = 4;       ///< of encoder and decoder, on the other side of quant_conv
  std::int64_t channels = 128;
  std::vector<int> channel_mult = {1, 2, 4, 4};
  int num_res_blocks = 2;
  std::vector<int> attention_levels = {};  ///< levels with attention besides the middle, 0: finest

  bool has_attention(std::size_t level) const;
  std::int64_t width(std::size_t level) const { return channels * channel_mult[level]; }
  std::int64_t deepest_width() const { return width(channel_mult.size() - 1); }
  /// Pixels a latent's side.
  int factor() const { return 1 << (channel_mult.size() - 1); }
};

/// x -> shortcut(x) + conv(silu(norm(conv(silu(norm(x)))))).
class AutoencoderResBlock {
 public:
  AutoencoderResBlock(const Place& at, std::int64_t in, std::int64_t out);
  /// x [B, H, W, in] -> [B, H, W, out].
  Tensor operator()(Tensor x) const;

 private:
  GroupNorm norm1_;
  Conv2d conv1_;
  GroupNorm norm2_;
  Conv2d conv2_;
  std::optional<Linear> shortcut_;
};

/// Attention of all pixels to each other, one head.
class AutoencoderAttention {
 public:
  AutoencoderAttention(const Place& at, std::int64_t channels);
  /// x [B, H, W, channels] -> the same shape.
  Tensor operator()(Tensor x) const;

 private:
  GroupNorm norm_;
  SelfAttention attention_;
};

/// The bottleneck of encoder and decoder.
class AutoencoderMiddle {
 public:
  AutoencoderMiddle(const Place& at, std::int64_t channels);
  Tensor operator()(Tensor x) const;

 private:
  AutoencoderResBlock block_1_;
  AutoencoderAttention attn_1_;
  AutoencoderResBlock block_2_;
};

/// Residual blocks of one size, some with attention, then a change of size.
struct AutoencoderLevel {
  std::vector<AutoencoderResBlock> blocks;
  std::vector<AutoencoderAttention> attention;  ///< one a block, or none
  std::optional<Conv2d> resample;

  Tensor operator()(Tensor x) const;
};

/// Latents -> pictures (Rombach et al. 2022, the KL-regularised autoencoder).
/// Names: `post_quant_conv`, `decoder.{conv_in, mid, up.N, norm_out, conv_out}`.
class AutoencoderKlDecoder {
 public:
  /// `at` stands at the autoencoder.
  AutoencoderKlDecoder(const Place& at, const AutoencoderKlConfig& config);
  /// z [B, H, W, latent_channels], not scaled -> [B, f * H, f * W, 3], about [-1, 1].
  Tensor operator()(ConstView z) const;

 private:
  Linear post_quant_conv_;
  Conv2d conv_in_;
  AutoencoderMiddle mid_;
  std::vector<AutoencoderLevel> up_;  // in the order they run
  GroupNorm norm_out_;
  Conv2d conv_out_;
};

/// Pictures -> the moments of their latents.
/// Names: `encoder.{conv_in, down.N, mid, norm_out, conv_out}`, `quant_conv`.
class AutoencoderKlEncoder {
 public:
  AutoencoderKlEncoder(const Place& at, const AutoencoderKlConfig& config);
  /// x [B, H, W, 3] in [-1, 1] -> [B, H / f, W / f, 2 * latent_channels]: means, then log
  /// variances. REQUIRES: H and W are multiples of f.
  Tensor operator()(ConstView x) const;

 private:
  Conv2d conv_in_;
  std::vector<AutoencoderLevel> down_;
  AutoencoderMiddle mid_;
  GroupNorm norm_out_;
  Conv2d conv_out_;
  Linear quant_conv_;
};

}  // namespace easel
