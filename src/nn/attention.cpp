#include "nn/attention.h"

#include <cassert>
#include <utility>

#include "nn/parameters.h"
#include "nn/tensor_ops.h"

namespace easel {
namespace {

Linear joined_qkv(Backend& backend, const Scope& scope, const AttentionSpec& spec) {
  std::vector<TensorSource> weights, biases;
  for (const std::string_view name : {spec.names.q, spec.names.k, spec.names.v}) {
    weights.push_back((scope / name).take("weight", {spec.inner, spec.channels}));
    if (spec.qkv_bias) biases.push_back((scope / name).take("bias", {spec.inner}));
  }
  const LinearSpec joined{.in = spec.channels, .out = 3 * spec.inner};
  if (!spec.qkv_bias) return {backend, joined, concat_rows(std::move(weights)), nullptr};
  const TensorSource bias = concat_rows(std::move(biases));
  return {backend, joined, concat_rows(std::move(weights)), &bias};
}

Linear::Spec projection(std::int64_t in, std::int64_t out, bool bias) {
  return {.in = in, .out = out, .bias = bias};
}

}  // namespace

SelfAttention::SelfAttention(Backend& backend, const Scope& scope, const AttentionSpec& spec)
    : backend_(backend),
      inner_(spec.inner),
      heads_(spec.heads),
      qkv_(joined_qkv(backend, scope, spec)),
      out_(backend, scope / spec.names.out, projection(spec.inner, spec.channels, true)) {}

Tensor SelfAttention::operator()(ConstView x, ConstView residual) const {
  Tensor out(backend_.arena(), residual.shape);
  run(x, residual, out);
  return out;
}

void SelfAttention::run(ConstView x, ConstView residual, View out) const {
  const Tensor qkv = qkv_(x);  // [B, T, 3 * inner]
  const auto keys = backend_.prepare_keys(channels_of(ConstView(qkv), inner_, inner_),
                                          channels_of(ConstView(qkv), 2 * inner_, inner_), heads_);
  Tensor attended(backend_.arena(), with_channels(x.shape, inner_));  // [B, T, inner]
  backend_.attend(channels_of(ConstView(qkv), 0, inner_), *keys, attended);
  out_.run(attended, {.residual = residual}, out);
}

CrossAttention::CrossAttention(Backend& backend, const Scope& scope, const AttentionSpec& spec,
                               std::int64_t context_channels)
    : backend_(backend),
      inner_(spec.inner),
      heads_(spec.heads),
      q_(backend, scope / spec.names.q, projection(spec.channels, spec.inner, spec.qkv_bias)),
      k_(backend, scope / spec.names.k, projection(context_channels, spec.inner, spec.qkv_bias)),
      v_(backend, scope / spec.names.v, projection(context_channels, spec.inner, spec.qkv_bias)),
      out_(backend, scope / spec.names.out, projection(spec.inner, spec.channels, true)) {}

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
  Tensor attended(backend_.arena(), {pictures, x.dim(1), inner_});
  for (std::int64_t i = 0; i < pictures; ++i) {
    const auto context = static_cast<std::size_t>(context_of[static_cast<std::size_t>(i)]);
    backend_.attend(pictures_of(ConstView(q), i % x.batch(), 1), *keys[context],
                    pictures_of(View(attended), i, 1));
  }
  if (pictures != x.batch()) x = repeat_batch(backend_, x, pictures / x.batch());
  out_.run(attended, {.residual = ConstView(x)}, x);
  return x;
}

}  // namespace easel
