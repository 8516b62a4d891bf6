#include "models/rrdbnet.h"

#include <fmt/format.h>

#include <utility>

#include "nn/tensor_ops.h"

namespace easel {
namespace {

constexpr float kResidualScale = 0.2f;
constexpr int kConvolutions = 5;

Conv2dSpec conv(std::int64_t in, std::int64_t out, Activation activation = Activation::kNone) {
  return {.in = in, .out = out, .activation = activation};
}

std::vector<Rrdb> make_body(const Place& at, const RrdbNetConfig& config) {
  std::vector<Rrdb> body;
  for (int i = 0; i < config.blocks; ++i) body.emplace_back(at / i, config);
  return body;
}

std::vector<Conv2d> make_ups(const Place& at, const RrdbNetConfig& config) {
  std::vector<Conv2d> ups;
  Conv2dSpec up = conv(config.features, config.features, Activation::kLeakyRelu);
  up.upsample = true;
  for (int i = 1; i <= config.upsamplings; ++i) {
    ups.emplace_back(at / fmt::format("conv_up{}", i), up);
  }
  return ups;
}

}  // namespace

int RrdbNetConfig::receptive_radius() const {
  // conv_first, three blocks of five a body, conv_body; then convolutions at ever larger scales,
  // which together see less than three pixels more.
  return unshuffle * (1 + 15 * blocks + 1 + 3);
}

DenseBlock::DenseBlock(const Place& at, const RrdbNetConfig& config)
    : features_(config.features), growth_(config.growth) {
  for (int i = 1; i <= kConvolutions; ++i) {
    const std::int64_t in = config.features + (i - 1) * config.growth;
    convolutions_.emplace_back(at / fmt::format("conv{}", i),
                               i < kConvolutions ? conv(in, config.growth, Activation::kLeakyRelu)
                                                 : conv(in, config.features));
  }
  if (config.plus) {
    plus_.emplace(at / "conv1x1",
                  Linear::Spec{.in = config.features, .out = config.growth, .bias = false});
  }
}

void DenseBlock::run(View wide, View out) const {
  std::int64_t known = features_;
  for (std::size_t i = 0; i + 1 < convolutions_.size(); ++i, known += growth_) {
    const View result = channels_of(wide, known, growth_);
    Epilogue epilogue;
    if (plus_ && i == 3)
      epilogue.residual = channels_of(ConstView(wide), known - 2 * growth_, growth_);
    convolutions_[i].run(channels_of(wide, 0, known), epilogue, result);
    if (plus_ && i == 1) {
      plus_->run(channels_of(wide, 0, features_), {.residual = ConstView(result)}, result);
    }
  }
  convolutions_.back().run(
      wide, {.scale = kResidualScale, .residual = channels_of(ConstView(wide), 0, features_)}, out);
}

Rrdb::Rrdb(const Place& at, const RrdbNetConfig& config)
    : backend_(at.backend),
      features_(config.features),
      rdb1_(at / "rdb1", config),
      rdb2_(at / "rdb2", config),
      rdb3_(at / "rdb3", config) {}

void Rrdb::run(View a, View b, View c) const {
  const View x = channels_of(a, 0, features_);
  const View y = channels_of(b, 0, features_);
  rdb1_.run(a, y);
  rdb2_.run(b, channels_of(c, 0, features_));
  rdb3_.run(c, y);
  backend_.add_scaled(y, kResidualScale, x, x);
}

RrdbNet::RrdbNet(const Place& at, const RrdbNetConfig& config)
    : backend_(at.backend),
      config_(config),
      conv_first_(at / "conv_first", conv(config.in_channels(), config.features)),
      body_(make_body(at / "body", config)),
      conv_body_(at / "conv_body", conv(config.features, config.features)),
      ups_(make_ups(at, config)),
      conv_hr_(at / "conv_hr", conv(config.features, config.features, Activation::kLeakyRelu)),
      conv_last_(at / "conv_last", conv(config.features, config.channels)) {}

// features + conv_body(body(features))
Tensor RrdbNet::run_body(const Tensor& features) const {
  const Shape wide = with_channels(features.shape(), config_.wide());
  Tensor a(backend_.arena(), wide), b(backend_.arena(), wide), c(backend_.arena(), wide);
  const View x = channels_of(View(a), 0, config_.features);
  backend_.copy(features, x);
  for (const Rrdb& block : body_) block.run(a, b, c);
  return conv_body_(x, {.residual = features});
}

Tensor RrdbNet::operator()(ConstView x) const {
  const Tensor unshuffled =
      config_.unshuffle > 1 ? pixel_unshuffle(backend_, x, config_.unshuffle) : Tensor();
  Tensor h = conv_first_(unshuffled.empty() ? x : ConstView(unshuffled));  // [B, H, W, features]
  h = run_body(h);
  for (const Conv2d& up : ups_) h = up(h);  // [B, 2 H, 2 W, features], …
  h = conv_hr_(h);
  return conv_last_(h);  // [B, s * H, s * W, C]
}

}  // namespace easel
