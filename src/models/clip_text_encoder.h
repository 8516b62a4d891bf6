#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "nn/attention.h"
#include "nn/embedding.h"
#include "nn/feed_forward.h"
#include "nn/norm.h"

namespace easel {

struct ClipTextEncoderConfig {
  std::int64_t vocabulary = 49408;
  std::int64_t tokens = 77;
  std::int64_t channels = 768;
  int depth = 12;
  int heads = 12;
  std::int64_t inner = 3072;  ///< between the two layers of a feed-forward
  Activation activation = Activation::kQuickGelu;
  std::int64_t projection = 0;  ///< channels of the pooled vector; 0: it is not read
};

/// CLIP's text encoder (Radford et al. 2021): a transformer in which each token attends to itself
/// and those before it, normalised before each layer.
///
/// Names, transformers': `text_model.{embeddings, encoder.layers.N, final_layer_norm}`,
/// `text_projection`.
class ClipTextEncoder {
 public:
  ClipTextEncoder(const Place& at, const ClipTextEncoderConfig& config);

  /// A learned vector in the place of a token's embedding (textual inversion).
  struct Replaced {
    std::size_t token = 0;          ///< its place among the ids
    std::span<const float> vector;  ///< [channels]
  };
  struct Reading {
    int skip = 0;            ///< layers at the end that the sequence does without
    bool final_norm = true;  ///< whether the sequence is normalised as the last layer's output is
    bool pooled = false;     ///< whether the pooled vector is wanted, for which all layers run
    std::span<const Replaced> replaced = {};
  };
  struct Output {
    Tensor sequence;  ///< [B, tokens, channels]
    Tensor pooled;    ///< [B, projection]: the normalised row of the end token, projected
  };
  /// ids [B * tokens], whole prompts one after another. The end token is the first of the largest
  /// id. REQUIRES: 0 <= id < vocabulary; 0 <= skip < depth; pooled only with a projection
  Output operator()(std::span<const std::int32_t> ids, const Reading& reading) const;

 private:
  struct Layer {
    LayerNorm attention_norm;
    SelfAttention attention;
    LayerNorm feed_forward_norm;
    FeedForward feed_forward;
  };

  static std::vector<Layer> make_layers(const Place& at, const ClipTextEncoderConfig& config);
  Tensor embed(std::span<const std::int32_t> ids, std::span<const Replaced> replaced) const;
  Tensor pool(ConstView last, std::span<const std::int32_t> ids) const;

  Backend& backend_;
  ClipTextEncoderConfig config_;
  Embedding token_embedding_;
  Embedding position_embedding_;
  std::vector<Layer> layers_;
  LayerNorm final_norm_;
  std::optional<Linear> projection_;
};

}  // namespace easel
