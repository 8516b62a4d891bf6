#include "models/unet_blocks.h"

#include <algorithm>
#include <utility>

#include "nn/tensor_ops.h"
#include "weights/concat_rows.h"

namespace easel {
namespace {

// Of guided-diffusion's normalisations.
constexpr int kGroups = 32;

constexpr AttentionNames kNames{.q = "to_q", .k = "to_k", .v = "to_v", .out = "to_out.0"};

}  // namespace

std::int64_t TimeLayers::add(const Place& at, std::int64_t time_channels, std::int64_t channels) {
  weights_.push_back(at.scope.take("weight", {channels, time_channels}));
  biases_.push_back(at.scope.take("bias", {channels}));
  return std::exchange(columns_, columns_ + channels);
}

Linear TimeLayers::build(Backend& backend, std::int64_t time_channels) && {
  const TensorSource bias = concat_rows(std::move(biases_));
  return {backend, LinearSpec{.in = time_channels, .out = columns_},
          concat_rows(std::move(weights_)), &bias};
}

namespace {

std::optional<Linear> make_skip(const Place& at, const ResBlock::Spec& spec) {
  if (spec.in == spec.out) return std::nullopt;
  return std::optional<Linear>(std::in_place, at / "skip_connection",
                               Linear::Spec{.in = spec.in, .out = spec.out});
}

}  // namespace

ResBlock::ResBlock(const Place& at, const Spec& spec, TimeLayers& time_layers)
    : backend_(at.backend),
      channels_(spec.out),
      time_column_(time_layers.add(at / "emb_layers" / 1, spec.time_channels, spec.out)),
      in_norm_(at / "in_layers" / 0,
               {.channels = spec.in, .groups = kGroups, .activation = Activation::kSilu}),
      in_conv_(at / "in_layers" / 2, {.in = spec.in, .out = spec.out}),
      out_norm_(at / "out_layers" / 0,
                {.channels = spec.out, .groups = kGroups, .activation = Activation::kSilu}),
      out_conv_(at / "out_layers" / 3, {.in = spec.out, .out = spec.out}),
      skip_(make_skip(at, spec)) {}

// The convolution that adds the timestep's row to every pixel: one row for the whole batch where
// its pictures are at the same timestep.
Tensor ResBlock::add_time(ConstView h, const UNetConditioning& conditioning) const {
  const ConstView table = channels_of(ConstView(conditioning.time.rows), time_column_, channels_);
  const std::span<const int> rows = conditioning.time_rows;
  if (std::ranges::count(rows, rows.front()) == std::ssize(rows)) {
    return in_conv_(h, {.per_picture = pictures_of(table, rows.front(), 1)});
  }
  Tensor time(backend_.arena(), {std::ssize(rows), channels_});
  backend_.gather_rows(table, rows, time);
  return in_conv_(h, {.per_picture = time});
}

Tensor ResBlock::operator()(ConstView x, const UNetConditioning& conditioning) const {
  Tensor h = add_time(in_norm_(x), conditioning);  // [B, H, W, out]
  out_norm_.in_place(h);
  if (!skip_) return out_conv_(h, {.residual = x});
  Tensor out = (*skip_)(x);
  out_conv_.run(h, {.residual = out}, out);
  return out;
}

TransformerBlock::TransformerBlock(const Place& at, const Spec& spec)
    : layer_(spec.layer),
      norm1_(at / "norm1", {.channels = spec.channels}),
      norm2_(at / "norm2", {.channels = spec.channels}),
      norm3_(at / "norm3", {.channels = spec.channels}),
      self_attention_(at / "attn1", {.channels = spec.channels,
                                     .inner = spec.channels,
                                     .heads = spec.heads,
                                     .names = kNames}),
      cross_attention_(
          at / "attn2",
          {.channels = spec.channels, .inner = spec.channels, .heads = spec.heads, .names = kNames},
          spec.context_channels),
      feed_forward_(at / "ff", {.channels = spec.channels,
                                .inner = 4 * spec.channels,
                                .activation = Activation::kGeglu,
                                .first = "net.0.proj",
                                .second = "net.2"}) {}

Tensor TransformerBlock::operator()(Tensor x, const UNetConditioning& conditioning) const {
  self_attention_.run(norm1_(x), x, x);
  const Tensor normed = norm2_(x);
  x = cross_attention_(std::move(x), normed, conditioning.context.layers[layer_],
                       conditioning.context_of);  // [k * B, T, channels]
  feed_forward_.add_to(x, norm3_(x));
  return x;
}

void TransformerBlock::prepare(ConstView contexts, UNetContext& out) const {
  out.layers[layer_] = cross_attention_.prepare(contexts);
}

std::vector<TransformerBlock> SpatialTransformer::make_blocks(const Place& at, const Spec& spec) {
  std::vector<TransformerBlock> blocks;
  blocks.reserve(static_cast<std::size_t>(spec.depth));
  for (int i = 0; i < spec.depth; ++i) {
    blocks.emplace_back(
        at / i, TransformerBlock::Spec{.channels = spec.channels,
                                       .context_channels = spec.context_channels,
                                       .heads = spec.heads,
                                       .layer = spec.first_layer + static_cast<std::size_t>(i)});
  }
  return blocks;
}

SpatialTransformer::SpatialTransformer(const Place& at, const Spec& spec)
    : norm_(at / "norm", {.channels = spec.channels, .groups = kGroups, .eps = 1e-6f}),
      proj_in_(at / "proj_in", {.in = spec.channels, .out = spec.channels}),
      blocks_(make_blocks(at / "transformer_blocks", spec)),
      proj_out_(at / "proj_out", {.in = spec.channels, .out = spec.channels}) {}

Tensor SpatialTransformer::operator()(Tensor x, const UNetConditioning& conditioning) const {
  Tensor y = proj_in_(as_tokens(norm_(x)));  // [B, H * W, channels]
  for (const TransformerBlock& block : blocks_) y = block(std::move(y), conditioning);
  const Shape image = with_batch(x.shape(), y.batch());
  Tensor tokens = std::move(x).reshaped(as_tokens(x).shape);
  return proj_out_.added_to(std::move(tokens), y).reshaped(image);  // [k * B, H, W, channels]
}

void SpatialTransformer::prepare(ConstView contexts, UNetContext& out) const {
  for (const TransformerBlock& block : blocks_) block.prepare(contexts, out);
}

Tensor UNetBlock::operator()(ConstView x, const UNetConditioning& conditioning) const {
  Tensor h;
  if (res) h = (*res)(x, conditioning);
  if (transformer) h = (*transformer)(std::move(h), conditioning);
  if (!resample) return h;
  return h.empty() ? (*resample)(x) : (*resample)(h);
}

}  // namespace easel
