#include "models/bert_text_encoder.h"

#include <algorithm>
#include <cassert>
#include <numeric>

namespace easel {

std::vector<BertTextEncoder::Layer> BertTextEncoder::make_layers(
    Backend& backend, const Scope& scope, const BertTextEncoderConfig& config) {
  const AttentionSpec attention{.channels = config.channels,
                                .inner = config.heads * config.head_channels,
                                .heads = config.heads,
                                .names = {.out = "to_out"}};
  const FeedForward::Spec feed_forward{.channels = config.channels, .inner = config.inner};
  std::vector<Layer> layers;
  layers.reserve(static_cast<std::size_t>(config.depth));
  for (int i = 0; i < config.depth; ++i) {
    const Scope first = scope / (2 * i), second = scope / (2 * i + 1);
    layers.push_back({LayerNorm(backend, first / 0, config.channels),
                      SelfAttention(backend, first / 1, attention),
                      LayerNorm(backend, second / 0, config.channels),
                      FeedForward(backend, second / 1, feed_forward)});
  }
  return layers;
}

BertTextEncoder::BertTextEncoder(Backend& backend, const Scope& scope,
                                 const BertTextEncoderConfig& config)
    : backend_(backend),
      config_(config),
      token_embedding_(scope / "token_emb", config.vocabulary, config.channels),
      position_embedding_(scope / "pos_emb" / "emb", config.tokens, config.channels),
      layers_(make_layers(backend, scope / "attn_layers" / "layers", config)),
      norm_(backend, scope / "norm", config.channels) {
  scope.ignore("to_logits.");
}

Tensor BertTextEncoder::embed(std::span<const std::int32_t> ids) const {
  const auto length = static_cast<std::size_t>(config_.tokens);
  assert(!ids.empty() && ids.size() % length == 0);
  Tensor x(backend_.arena(),
           {static_cast<std::int64_t>(ids.size() / length), config_.tokens, config_.channels});
  std::vector<std::int32_t> positions(length);
  std::iota(positions.begin(), positions.end(), 0);
  std::ranges::fill(x.values(), 0.0f);
  token_embedding_.add_rows(ids, x.values());
  const std::size_t prompt = length * static_cast<std::size_t>(config_.channels);
  for (std::size_t first = 0; first < x.values().size(); first += prompt) {
    position_embedding_.add_rows(positions, x.values().subspan(first, prompt));
  }
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
