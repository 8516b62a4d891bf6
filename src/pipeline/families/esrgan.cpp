#include "pipeline/families/esrgan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/error.h"
#include "weights/scope.h"

namespace easel {
namespace {

constexpr int kMostBlocks = 256;

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};

RrdbNetConfig rrdbnet_from_shapes(const Scope& root) {
  RrdbNetConfig config;
  const Shape& first = (root / "conv_first").shape_of("weight");
  config.features = first[0];
  const std::int64_t in = first.rank() > 1 ? first[1] : 0;
  config.unshuffle = static_cast<int>(std::lround(std::sqrt(static_cast<double>(in) / 3)));
  if (config.in_channels() != in || config.unshuffle < 1 || config.unshuffle > 4 ||
      config.unshuffle == 3) {
    fail(ErrorCode::kUnsupported, "the upscaler takes {} channels, wanted 3, 12 or 48", in);
  }
  config.growth = (root / "body" / 0 / "rdb1" / "conv1").shape_of("weight")[0];
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
  config.features = (body / 0).shape_of("weight")[0];
  int last = 0;
  while (last < 2 * kMostBlocks && body.has_scope(std::to_string(last + 2))) last += 2;
  config.convolutions = last / 2 - 1;
  const std::int64_t shuffled = (body / last).shape_of("weight")[0];
  config.scale = static_cast<int>(std::lround(std::sqrt(static_cast<double>(shuffled) / 3)));
  if (config.convolutions < 0 || config.scale < 1 || config.scale > 16 ||
      3 * config.scale * config.scale != shuffled) {
    fail(ErrorCode::kUnsupported,
         "the upscaler's last convolution '{}' has {} channels, wanted 3 s²", (body / last).path(),
         shuffled);
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
    : network_(build(backend, weights, config)) {}

Tensor EsrganNetwork::operator()(ConstView x) const {
  return std::visit([&](const auto& network) { return network(x); }, network_);
}

EsrganFacts facts_of(const EsrganConfig& config) {
  return std::visit(
      Overloaded{
          [](const RrdbNetConfig& c) {
            const int up = 1 << c.upsamplings;
            const std::int64_t body = 3 * c.wide() + 2 * c.features;
            const std::int64_t end =
                c.features + 2 * c.features * up * up + c.features * up * up / 4 + 3 * up * up;
            return EsrganFacts{
                .description = fmt::format("RRDBNet, {} blocks, {} features", c.blocks, c.features),
                .scale = up / c.unshuffle,
                .size_multiple = c.unshuffle,
                .receptive_radius = c.receptive_radius(),
                .bytes_per_pixel = 4 * (3 + std::max(body, end) / (c.unshuffle * c.unshuffle))};
          },
          [](const SrvggConfig& c) {
            return EsrganFacts{
                .description = fmt::format("SRVGGNetCompact, {} convolutions, {} features",
                                           c.convolutions, c.features),
                .scale = c.scale,
                .size_multiple = 1,
                .receptive_radius = c.receptive_radius(),
                .bytes_per_pixel = 4 * (3 + 2 * c.features + 6 * c.scale * c.scale)};
          }},
      config);
}

Weights blend(const Weights& a, const Weights& b, double alpha) {
  for (const auto& [name, entry] : b.entries()) {
    if (!a.contains(name)) {
      fail(ErrorCode::kWrongModel, "the tensor '{}' is in only one of the two upscalers", name);
    }
  }
  Weights::Entries entries;
  const auto share = static_cast<float>(alpha);
  for (const auto& [name, first] : a.entries()) {
    const Weights::Entry* second = b.find(name);
    if (second == nullptr) {
      fail(ErrorCode::kWrongModel, "the tensor '{}' is in only one of the two upscalers", name);
    }
    if (second->source.shape != first.source.shape) {
      fail(ErrorCode::kWrongModel,
           "the tensor '{}' has shape {} in one upscaler and {} in the other", name,
           first.source.shape.text(), second->source.shape.text());
    }
    Weights::Entry mixed{.source = first.source};
    mixed.source.read = [x = first.source.read, y = second->source.read, share](
                            std::int64_t from, std::span<float> out) {
      x(from, out);
      std::vector<float> other(out.size());
      y(from, other);
      for (std::size_t i = 0; i < out.size(); ++i) out[i] += share * (other[i] - out[i]);
    };
    entries.emplace(name, std::move(mixed));
  }
  return {WeightsFormat::kMemory, std::move(entries)};
}

}  // namespace easel
