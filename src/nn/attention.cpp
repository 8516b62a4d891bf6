#include "nn/attention.h"

#include <cassert>
#include <utility>

#include "nn/tensor_ops.h"
#include "weights/concat_rows.h"

namespace easel {
namespace {

Linear joined_qkv(const Place& at, const AttentionSpec& spec) {
  std::vector<TensorSource> weights, biases;
  for (const std::string_view name : {spec.names.q, spec.names.k, spec.names.v}) {
    weights.push_back((at.scope / name).take("weight", {spec.inner, spec.channels}));
    if (spec.qkv_bias) biases.push_back((at.scope / name).take("bias", {spec.inner}));
  }
  const LinearSpec joined{.in = spec.channels, .out = 3 * spec.inner};
  if (!spec.qkv_bias) return {at.backend, joined, concat_rows(std::move(weights)), nullptr};
  const TensorSource bias = concat_rows(std::move(biases));
  return {at.backend, joined, concat_rows(std::move(weights)), &bias};
}

Linear::Spec projection(std::int64_t in, std::int64_t out, bool bias) {
  return {.in = in, .out = out, .bias = bias};
}

}  // namespace

SelfAttention::SelfAttention(const Place& at, const AttentionSpec& spec)
    : backend_(at.backend),
      inner_(spec.inner),
      attend_({.heads = spec.heads, .causal = spec.causal}),
      qkv_(joined_qkv(at, spec)),
      out_(at / spec.names.out, projection(spec.inner, spec.channels, true)) {}

Tensor SelfAttention::operator()(ConstView x, ConstView residual) const {
  Tensor out(backend_.arena(), residual.shape);
  run(x, residual, out);
  return out;
}

void SelfAttention::run(ConstView x, ConstView residual, View out) const {
  const Tensor qkv = qkv_(x);  // [B, T, 3 * inner]
  const auto part = [&](int i) { return channels_of(ConstView(qkv), i * inner_, inner_); };
  Tensor attended(backend_.arena(), with_channels(x.shape, inner_));  // [B, T, inner]
  backend_.attend(part(0), part(1), part(2), attend_, attended);
  out_.run(attended, {.residual = residual}, out);
}

CrossAttention::CrossAttention(const Place& at, const AttentionSpec& spec,
                               std::int64_t context_channels)
    : backend_(at.backend),
      inner_(spec.inner),
      heads_(spec.heads),
      q_(at / spec.names.q, projection(spec.channels, spec.inner, spec.qkv_bias)),
      k_(at / spec.names.k, projection(context_channels, spec.inner, spec.qkv_bias)),
      v_(at / spec.names.v, projection(context_channels, spec.inner, spec.qkv_bias)),
      out_(at / spec.names.out, projection(spec.inner, spec.channels, true)) {}

ContextKeys CrossAttention::prepare(ConstView contexts) const {
  const Tensor k = k_(contexts), v = v_(contexts);  // [K, S, inner]
  ContextKeys keys;
  for (std::int64_t i = 0; i < contexts.shape[0]; ++i) {
    keys.push_back(backend_.prepare_keys(pictures_of(ConstView(k), i, 1),
                                         pictures_of(ConstView(v), i, 1), heads_));
  }
  return keys;
}

Tensor CrossAttention::operator()(Tensor x, ConstView norm_x, const ContextKeys& keys,
                                  std::span<const int> context_of) const {
  const auto pictures = static_cast<std::int64_t>(context_of.size());
  assert(pictures % x.batch() == 0);
  const Tensor q = q_(norm_x);  // [B, T, inner]
  std::vector<const KeyValues*> of_picture;
  for (const int context : context_of) {
    of_picture.push_back(keys[static_cast<std::size_t>(context)].get());
  }
  Tensor attended(backend_.arena(), with_batch(q.shape(), pictures));
  backend_.attend(q, of_picture, attended);
  return out_.added_to(std::move(x), attended);
}

}  // namespace easel
