#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "nn/attention.h"
#include "nn/embedding.h"
#include "nn/feed_forward.h"
#include "nn/norm.h"

namespace easel {

struct BertTextEncoderConfig {
  std::int64_t vocabulary = 30522;
  std::int64_t tokens = 77;
  std::int64_t channels = 1280;
  int depth = 32;
  int heads = 8;
  std::int64_t head_channels = 64;
  std::int64_t inner = 5120;  ///< between the two layers of a feed-forward
};

/// latent-diffusion's text encoder: a BERT-sized transformer trained with the denoiser, in the way
/// of x_transformers: normalisation before each layer and at the end, no mask (padding is attended
/// to), no token types.
///
/// Names: `token_emb`, `pos_emb.emb`, `attn_layers.layers.{2i}` attention, `{2i + 1}` feed-forward,
/// `norm`; `to_logits` is not used.
class BertTextEncoder {
 public:
  BertTextEncoder(const Place& at, const BertTextEncoderConfig& config);

  /// ids [B * tokens], whole prompts one after another -> [B, tokens, channels].
  /// REQUIRES: 0 <= id < vocabulary
  Tensor operator()(std::span<const std::int32_t> ids) const;

 private:
  struct Layer {
    LayerNorm attention_norm;
    SelfAttention attention;
    LayerNorm feed_forward_norm;
    FeedForward feed_forward;
  };

  static std::vector<Layer> make_layers(const Place& at, const BertTextEncoderConfig& config);
  Tensor embed(std::span<const std::int32_t> ids) const;

  Backend& backend_;
  BertTextEncoderConfig config_;
  Embedding token_embedding_;
  Embedding position_embedding_;
  std::vector<Layer> layers_;
  LayerNorm norm_;
};

}  // namespace easel
