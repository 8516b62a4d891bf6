#include "models/unet_blocks.h"

#include <utility>

#include "nn/parameters.h"
#include "nn/tensor_ops.h"

namespace easel {

std::int64_t TimeLayers::add(const Scope& scope, std::int64_t time_channels,
                             std::int64_t channels) {
  weights_.push_back(scope.take("weight", {channels, time_channels}));
  biases_.push_back(scope.take("bias", {channels}));
  return std::exchange(columns_, columns_ + channels);
}

Linear TimeLayers::build(Backend& backend, std::int64_t time_channels) && {
  const TensorSource bias = concat_rows(std::move(biases_));
  return {backend, LinearSpec{.in = time_channels, .out = columns_},
          concat_rows(std::move(weights_)), &bias};
}

namespace {

std::optional<Linear> make_skip(Backend& backend, const Scope& scope, const ResBlock::Spec& spec) {
  if (spec.in == spec.out) return std::nullopt;
  return std::optional<Linear>(std::in_place, backend, scope / "skip_connection",
                               Linear::Spec{.in = spec.in, .out = spec.out});
}

}  // namespace

ResBlock::ResBlock(Backend& backend, const Scope& scope, const Spec& spec, TimeLayers& time_layers)
    : backend_(backend),
      channels_(spec.out),
      time_column_(time_layers.add(scope / "emb_layers" / 1, spec.time_channels, spec.out)),
      in_norm_(backend, scope / "in_layers" / 0,
               {.channels = spec.in, .activation = Activation::kSilu}),
      in_conv_(backend, scope / "in_layers" / 2, {.in = spec.in, .out = spec.out}),
      out_norm_(backend, scope / "out_layers" / 0,
                {.channels = spec.out, .activation = Activation::kSilu}),
      out_conv_(backend, scope / "out_layers" / 3, {.in = spec.out, .out = spec.out}),
      skip_(make_skip(backend, scope, spec)) {}

Tensor ResBlock::time_of(const UNetConditioning& conditioning, std::int64_t batch) const {
  const Tensor& rows = conditioning.time.rows;
  const auto given = static_cast<std::int64_t>(conditioning.time_rows.size());
  Tensor time(backend_.arena(), {batch, channels_});
  for (std::int64_t i = 0; i < batch; ++i) {
    const int row = conditioning.time_rows[static_cast<std::size_t>(i % given)];
    backend_.copy(channels_of(pictures_of(ConstView(rows), row, 1), time_column_, channels_),
                  pictures_of(View(time), i, 1));
  }
  return time;
}

Tensor ResBlock::operator()(ConstView x, const UNetConditioning& conditioning) const {
  const Tensor time = time_of(conditioning, x.shape[0]);     // [B, out]
  Tensor h = in_conv_(in_norm_(x), {.per_picture = &time});  // [B, H, W, out]
  out_norm_.in_place(h);
  if (!skip_) return out_conv_(h, {.residual = x});
  Tensor out = (*skip_)(x);
  out_conv_.run(h, {.residual = ConstView(out)}, out);
  return out;
}

TransformerBlock::TransformerBlock(Backend& backend, const Scope& scope, const Spec& spec)
    : layer_(spec.layer),
      norm1_(backend, scope / "norm1", spec.channels),
      norm2_(backend, scope / "norm2", spec.channels),
      norm3_(backend, scope / "norm3", spec.channels),
      self_attention_(backend, scope / "attn1",
                      {.channels = spec.channels, .inner = spec.channels, .heads = spec.heads}),
      cross_attention_(backend, scope / "attn2",
                       {.channels = spec.channels, .inner = spec.channels, .heads = spec.heads},
                       spec.context_channels),
      feed_forward_(backend, scope / "ff",
                    {.channels = spec.channels,
                     .inner = 4 * spec.channels,
                     .activation = Activation::kGeglu,
                     .first = "net.0.proj"}) {}

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

std::vector<TransformerBlock> SpatialTransformer::make_blocks(Backend& backend, const Scope& scope,
                                                              const Spec& spec) {
  std::vector<TransformerBlock> blocks;
  blocks.reserve(static_cast<std::size_t>(spec.depth));
  for (int i = 0; i < spec.depth; ++i) {
    blocks.emplace_back(
        backend, scope / i,
        TransformerBlock::Spec{.channels = spec.channels,
                               .context_channels = spec.context_channels,
                               .heads = spec.heads,
                               .layer = spec.first_layer + static_cast<std::size_t>(i)});
  }
  return blocks;
}

SpatialTransformer::SpatialTransformer(Backend& backend, const Scope& scope, const Spec& spec)
    : backend_(backend),
      norm_(backend, scope / "norm", {.channels = spec.channels, .eps = 1e-6f}),
      proj_in_(backend, scope / "proj_in", {.in = spec.channels, .out = spec.channels}),
      blocks_(make_blocks(backend, scope / "transformer_blocks", spec)),
      proj_out_(backend, scope / "proj_out", {.in = spec.channels, .out = spec.channels}) {}

Tensor SpatialTransformer::operator()(Tensor x, const UNetConditioning& conditioning) const {
  Tensor y = proj_in_(as_tokens(norm_(x)));  // [B, H * W, channels]
  for (const TransformerBlock& block : blocks_) y = block(std::move(y), conditioning);
  if (y.batch() != x.batch()) x = repeat_batch(backend_, x, y.batch() / x.batch());
  const Shape image = x.shape();
  Tensor out = std::move(x).reshaped(y.shape());
  proj_out_.run(y, {.residual = ConstView(out)}, out);
  return std::move(out).reshaped(image);  // [k * B, H, W, channels]
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
