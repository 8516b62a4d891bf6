#include "pipeline/families/esrgan/esrgan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/error.h"
#include "weights/scope.h"

namespace easel {
namespace {

constexpr int kMostBlocks = 256;
constexpr int kMostScale = 16;

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};

// Of a convolution's weight; 0 where it has no such dimension.
std::int64_t dimension(const Scope& convolution, int i) {
  const Shape& shape = convolution.shape_of("weight");
  return shape.rank() > i ? shape[i] : 0;
}

// Pictures of how many channels a network takes and gives: gray, colours, or colours and alpha.
int checked_channels(std::int64_t channels) {
  if (channels != 1 && channels != 3 && channels != 4) {
    fail(ErrorCode::kUnsupported, "the upscaler's pictures have {} channels, wanted 1, 3 or 4",
         channels);
  }
  return static_cast<int>(channels);
}

std::int64_t require_some(std::int64_t channels, const Scope& where) {
  if (channels > 0) return channels;
  fail(ErrorCode::kWrongModel, "the upscaler's '{}' has no channels", where.path());
}

RrdbNetConfig rrdbnet_from_shapes(const Scope& root) {
  RrdbNetConfig config;
  config.features = require_some(dimension(root / "conv_first", 0), root / "conv_first");
  config.channels = checked_channels(dimension(root / "conv_last", 0));
  const std::int64_t in = dimension(root / "conv_first", 1);
  config.unshuffle =
      static_cast<int>(std::lround(std::sqrt(static_cast<double>(in) / config.channels)));
  if (config.in_channels() != in || config.unshuffle < 1 || config.unshuffle > 4 ||
      config.unshuffle == 3) {
    fail(ErrorCode::kUnsupported,
         "the upscaler takes {} channels and gives {}, wanted {}, {} or {}", in, config.channels,
         config.channels, 4 * config.channels, 16 * config.channels);
  }
  config.plus = (root / "body" / 0 / "rdb1").has_scope("conv1x1");
  const Scope dense = root / "body" / 0 / "rdb1" / "conv1";
  config.growth = require_some(dimension(dense, 0), dense);
  config.blocks = 0;
  while (config.blocks < kMostBlocks && (root / "body").has_scope(std::to_string(config.blocks))) {
    ++config.blocks;
  }
  config.upsamplings = 0;
  while (config.upsamplings < 4 &&
         root.has_scope(fmt::format("conv_up{}", config.upsamplings + 1))) {
    ++config.upsamplings;
  }
  if ((1 << config.upsamplings) < config.unshuffle) {
    fail(ErrorCode::kUnsupported, "the upscaler makes pictures smaller");
  }
  return config;
}

SrvggConfig srvgg_from_shapes(const Scope& root) {
  const Scope body = root / "body";
  SrvggConfig config;
  config.features = require_some((body / 0).shape_of("weight")[0], body / 0);
  int last = 0;
  while (last < 2 * kMostBlocks && body.has_scope(std::to_string(last + 2))) last += 2;
  config.convolutions = last / 2 - 1;
  const std::int64_t shuffled = (body / last).shape_of("weight")[0];
  config.channels = checked_channels(dimension(body / 0, 1));
  config.scale =
      static_cast<int>(std::lround(std::sqrt(static_cast<double>(shuffled) / config.channels)));
  if (config.convolutions < 0 || config.scale < 1 || config.scale > kMostScale ||
      std::int64_t{config.channels} * config.scale * config.scale != shuffled) {
    fail(ErrorCode::kUnsupported,
         "the upscaler's last convolution '{}' has {} channels, wanted {} s²", (body / last).path(),
         shuffled, config.channels);
  }
  return config;
}

std::variant<RrdbNet, Srvgg> build(Backend& backend, const Weights& weights,
                                   const EsrganConfig& config) {
  using Network = std::variant<RrdbNet, Srvgg>;
  const Place root{backend, Scope(weights)};
  Network network = std::visit(
      Overloaded{
          [&](const RrdbNetConfig& c) { return Network(std::in_place_type<RrdbNet>, root, c); },
          [&](const SrvggConfig& c) { return Network(std::in_place_type<Srvgg>, root, c); }},
      config);
  root.scope.require_all_taken();
  return network;
}

}  // namespace

EsrganConfig esrgan_config_from_shapes(const Weights& weights) {
  const Scope root(weights);
  if (root.has_scope("conv_first")) return rrdbnet_from_shapes(root);
  return srvgg_from_shapes(root);
}

EsrganNetwork::EsrganNetwork(Backend& backend, const Weights& weights, const EsrganConfig& config)
    : facts_(facts_of(config)), network_(build(backend, weights, config)) {}

Tensor EsrganNetwork::operator()(ConstView x) const {
  return std::visit([&](const auto& network) { return network(x); }, network_);
}

EnlargingFacts facts_of(const EsrganConfig& config) {
  return std::visit(
      Overloaded{[](const RrdbNetConfig& c) {
                   const int up = 1 << c.upsamplings;
                   const std::int64_t body = 3 * c.wide() + 2 * c.features;
                   const std::int64_t end = c.features + 2 * c.features * up * up +
                                            c.features * up * up / 4 + c.channels * up * up;
                   return EnlargingFacts{
                       .description = fmt::format("RRDBNet{}, {} blocks, {} features",
                                                  c.plus ? "+" : "", c.blocks, c.features),
                       .scale = up / c.unshuffle,
                       .channels = c.channels,
                       .size_multiple = c.unshuffle,
                       .receptive_radius = c.receptive_radius(),
                       .bytes_per_pixel =
                           4 * (c.channels + std::max(body, end) / (c.unshuffle * c.unshuffle))};
                 },
                 [](const SrvggConfig& c) {
                   return EnlargingFacts{
                       .description = fmt::format("SRVGGNetCompact, {} convolutions, {} features",
                                                  c.convolutions, c.features),
                       .scale = c.scale,
                       .channels = c.channels,
                       .size_multiple = 1,
                       .receptive_radius = c.receptive_radius(),
                       .bytes_per_pixel =
                           4 * (c.channels + 2 * c.features + 2 * c.channels * c.scale * c.scale)};
                 }},
      config);
}

}  // namespace easel
