#include "models/clip_text_encoder.h"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <utility>

#include "nn/tensor_ops.h"

namespace easel {
namespace {

std::optional<Linear> make_projection(const Place& at, const ClipTextEncoderConfig& config) {
  if (config.projection == 0) return std::nullopt;
  return std::optional<Linear>(
      std::in_place, at,
      Linear::Spec{.in = config.channels, .out = config.projection, .bias = false});
}

}  // namespace

std::vector<ClipTextEncoder::Layer> ClipTextEncoder::make_layers(
    const Place& at, const ClipTextEncoderConfig& config) {
  const AttentionSpec attention{
      .channels = config.channels,
      .inner = config.channels,
      .heads = config.heads,
      .qkv_bias = true,
      .causal = true,
      .names = {.q = "q_proj", .k = "k_proj", .v = "v_proj", .out = "out_proj"}};
  const FeedForward::Spec feed_forward{.channels = config.channels,
                                       .inner = config.inner,
                                       .activation = config.activation,
                                       .first = "fc1",
                                       .second = "fc2"};
  const LayerNorm::Spec norm{.channels = config.channels};
  std::vector<Layer> layers;
  layers.reserve(static_cast<std::size_t>(config.depth));
  for (int i = 0; i < config.depth; ++i) {
    const Place here = at / i;
    layers.push_back(
        {LayerNorm(here / "layer_norm1", norm), SelfAttention(here / "self_attn", attention),
         LayerNorm(here / "layer_norm2", norm), FeedForward(here / "mlp", feed_forward)});
  }
  return layers;
}

ClipTextEncoder::ClipTextEncoder(const Place& at, const ClipTextEncoderConfig& config)
    : backend_(at.backend),
      config_(config),
      token_embedding_(at.scope / "text_model" / "embeddings" / "token_embedding",
                       config.vocabulary, config.channels),
      position_embedding_(at.scope / "text_model" / "embeddings" / "position_embedding",
                          config.tokens, config.channels),
      layers_(make_layers(at / "text_model" / "encoder" / "layers", config)),
      final_norm_(at / "text_model" / "final_layer_norm", {.channels = config.channels}),
      projection_(make_projection(at / "text_projection", config)) {}

Tensor ClipTextEncoder::embed(std::span<const std::int32_t> ids,
                              std::span<const Replaced> replaced) const {
  const auto length = static_cast<std::size_t>(config_.tokens);
  assert(!ids.empty() && ids.size() % length == 0);
  const auto channels = static_cast<std::size_t>(config_.channels);
  std::vector<float> sums(ids.size() * channels, 0.0f);
  token_embedding_.add_rows(ids, sums);
  for (const Replaced& one : replaced) {
    assert(one.token < ids.size() && one.vector.size() == channels);
    std::ranges::copy(one.vector, std::span(sums).subspan(one.token * channels, channels).begin());
  }
  std::vector<std::int32_t> positions(length);
  std::iota(positions.begin(), positions.end(), 0);
  for (std::size_t first = 0; first < sums.size(); first += length * channels) {
    position_embedding_.add_rows(positions, std::span(sums).subspan(first, length * channels));
  }
  Tensor x(backend_.arena(),
           {static_cast<std::int64_t>(ids.size() / length), config_.tokens, config_.channels});
  backend_.upload(sums, Layout::kPixels, x);
  return x;
}

Tensor ClipTextEncoder::pool(ConstView last, std::span<const std::int32_t> ids) const {
  const auto length = static_cast<std::size_t>(config_.tokens);
  std::vector<int> ends;
  for (std::size_t first = 0; first < ids.size(); first += length) {
    const auto prompt = ids.subspan(first, length);
    ends.push_back(static_cast<int>(std::ranges::max_element(prompt) - ids.begin()));
  }
  const ConstView rows(last.address, {last.rows(), last.channels()}, last.stride);
  Tensor pooled(backend_.arena(), {std::ssize(ends), config_.channels});
  backend_.gather_rows(rows, ends, pooled);
  return (*projection_)(pooled);
}

ClipTextEncoder::Output ClipTextEncoder::operator()(std::span<const std::int32_t> ids,
                                                    const Reading& reading) const {
  assert(reading.skip >= 0 && reading.skip < config_.depth);
  Tensor x = embed(ids, reading.replaced);  // [B, tokens, channels]
  Output out;
  const auto read_at = layers_.size() - static_cast<std::size_t>(reading.skip);
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    layer.attention.run(layer.attention_norm(x), x, x);
    layer.feed_forward.add_to(x, layer.feed_forward_norm(x));
    if (i + 1 != read_at) continue;
    out.sequence = reading.final_norm ? final_norm_(x) : written_out(backend_, x, x.batch());
    if (!reading.pooled) return out;
  }
  out.pooled = pool(final_norm_(x), ids);
  return out;
}

}  // namespace easel
