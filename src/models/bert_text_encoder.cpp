#include "models/bert_text_encoder.h"

#include <algorithm>
#include <cassert>
#include <numeric>

namespace easel {

std::vector<BertTextEncoder::Layer> BertTextEncoder::make_layers(
    const Place& at, const BertTextEncoderConfig& config) {
  const AttentionSpec attention{.channels = config.channels,
                                .inner = config.heads * config.head_channels,
                                .heads = config.heads,
                                .names = {.q = "to_q", .k = "to_k", .v = "to_v", .out = "to_out"}};
  const FeedForward::Spec feed_forward{
      .channels = config.channels, .inner = config.inner, .first = "net.0.0", .second = "net.2"};
  const LayerNorm::Spec norm{.channels = config.channels};
  std::vector<Layer> layers;
  layers.reserve(static_cast<std::size_t>(config.depth));
  for (int i = 0; i < config.depth; ++i) {
    const Place first = at / (2 * i), second = at / (2 * i + 1);
    layers.push_back({LayerNorm(first / 0, norm), SelfAttention(first / 1, attention),
                      LayerNorm(second / 0, norm), FeedForward(second / 1, feed_forward)});
  }
  return layers;
}

BertTextEncoder::BertTextEncoder(const Place& at, const BertTextEncoderConfig& config)
    : backend_(at.backend),
      config_(config),
      token_embedding_(at.scope / "token_emb", config.vocabulary, config.channels),
      position_embedding_(at.scope / "pos_emb" / "emb", config.tokens, config.channels),
      layers_(make_layers(at / "attn_layers" / "layers", config)),
      norm_(at / "norm", {.channels = config.channels}) {
  at.scope.ignore("to_logits.");
}

Tensor BertTextEncoder::embed(std::span<const std::int32_t> ids) const {
  const auto length = static_cast<std::size_t>(config_.tokens);
  assert(!ids.empty() && ids.size() % length == 0);
  const auto channels = static_cast<std::size_t>(config_.channels), prompt = length * channels;
  std::vector<std::int32_t> positions(length);
  std::iota(positions.begin(), positions.end(), 0);
  std::vector<float> sums(ids.size() * channels, 0.0f);
  token_embedding_.add_rows(ids, sums);
  for (std::size_t first = 0; first < sums.size(); first += prompt) {
    position_embedding_.add_rows(positions, std::span(sums).subspan(first, prompt));
  }
  Tensor x(backend_.arena(),
           {static_cast<std::int64_t>(ids.size() / length), config_.tokens, config_.channels});
  backend_.upload(sums, Layout::kPixels, x);
  return x;
}

Tensor BertTextEncoder::operator()(std::span<const std::int32_t> ids) const {
  Tensor x = embed(ids);  // [B, tokens, channels]
  for (const Layer& layer : layers_) {
    layer.attention.run(layer.attention_norm(x), x, x);
    layer.feed_forward.add_to(x, layer.feed_forward_norm(x));
  }
  return norm_(x);
}

}  // namespace easel
