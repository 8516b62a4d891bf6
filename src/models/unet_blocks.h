#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "nn/attention.h"
#include "nn/conv2d.h"
#include "nn/feed_forward.h"
#include "nn/linear.h"
#include "nn/norm.h"

// The blocks of latent-diffusion's UNet (Rombach et al. 2022; Dhariwal and Nichol 2021).

namespace easel {

/// What all ResBlocks add for some timesteps, all blocks side by side.
struct TimeEmbeddings {
  Tensor rows;       ///< [timesteps * contexts, sum of the blocks' channels]
  int contexts = 1;  ///< rows of one timestep; more than one where a label joins it

  int row(int timestep, int context) const {
    return timestep * contexts + (contexts > 1 ? context : 0);
  }
};

/// The cross-attentions' keys and values for some contexts, by layer.
struct UNetContext {
  std::vector<ContextKeys> layers;
};

/// What the blocks are told besides the picture. A batch of B pictures may stand for k * B ones
/// (Repeated) that differ in their context only, the halves of guidance: everything before the
/// first cross-attention is computed once for them, with the same result.
struct UNetConditioning {
  const TimeEmbeddings& time;
  /// [B]: the row of each picture's timestep. [k * B] where the contexts have rows of their own:
  /// nothing is then computed once for several of them but the first convolution.
  std::span<const int> time_rows;
  const UNetContext& context;
  std::span<const int> context_of;  ///< [k * B]: the context of each picture of the result
};

/// Collects the ResBlocks' time layers into one, so that all of them, for all timesteps of a run,
/// are one product.
class TimeLayers {
 public:
  /// Adds `emb_layers.1` [channels, time_channels]; returns the block's first column.
  std::int64_t add(const Place& at, std::int64_t time_channels, std::int64_t channels);
  /// REQUIRES: something was added.
  Linear build(Backend& backend, std::int64_t time_channels) &&;

 private:
  std::vector<TensorSource> weights_, biases_;
  std::int64_t columns_ = 0;
};

/// x -> skip(x) + conv(silu(norm(conv(silu(norm(x))) + time))).
class ResBlock {
 public:
  struct Spec {
    std::int64_t in = 0;
    std::int64_t out = 0;
    std::int64_t time_channels = 0;
  };
  ResBlock(const Place& at, const Spec& spec, TimeLayers& time_layers);

  /// x [B, H, W, in] -> [B, H, W, out].
  Tensor operator()(ConstView x, const UNetConditioning& conditioning) const;

 private:
  Tensor add_time(ConstView h, const UNetConditioning& conditioning) const;

  Backend& backend_;
  std::int64_t channels_;
  std::int64_t time_column_;
  GroupNorm in_norm_;
  Conv2d in_conv_;
  GroupNorm out_norm_;
  Conv2d out_conv_;
  std::optional<Linear> skip_;  // where the number of channels changes
};

/// Self-attention, cross-attention to the context and a feed-forward, each normalised before and
/// added to x.
class TransformerBlock {
 public:
  struct Spec {
    std::int64_t channels = 0;
    std::int64_t context_channels = 0;
    int heads = 8;
    std::size_t layer = 0;  ///< which of the network's cross-attentions this is
  };
  TransformerBlock(const Place& at, const Spec& spec);

  /// x [B, T, channels] -> [k * B, T, channels].
  Tensor operator()(Tensor x, const UNetConditioning& conditioning) const;
  void prepare(ConstView contexts, UNetContext& out) const;

 private:
  std::size_t layer_;
  LayerNorm norm1_, norm2_, norm3_;
  SelfAttention self_attention_;
  CrossAttention cross_attention_;
  FeedForward feed_forward_;
};

/// Transformer blocks over the pixels of a picture.
class SpatialTransformer {
 public:
  struct Spec {
    std::int64_t channels = 0;
    std::int64_t context_channels = 0;
    int heads = 8;
    int depth = 1;
    std::size_t first_layer = 0;
  };
  SpatialTransformer(const Place& at, const Spec& spec);

  /// x [B, H, W, channels] -> [k * B, H, W, channels].
  Tensor operator()(Tensor x, const UNetConditioning& conditioning) const;
  void prepare(ConstView contexts, UNetContext& out) const;

 private:
  static std::vector<TransformerBlock> make_blocks(const Place& at, const Spec& spec);

  GroupNorm norm_;
  Linear proj_in_;
  std::vector<TransformerBlock> blocks_;
  Linear proj_out_;
};

/// One entry of the UNet's lists: what is there runs in this order.
struct UNetBlock {
  std::optional<ResBlock> res;
  std::optional<SpatialTransformer> transformer;
  std::optional<Conv2d> resample;

  Tensor operator()(ConstView x, const UNetConditioning& conditioning) const;
};

}  // namespace easel
