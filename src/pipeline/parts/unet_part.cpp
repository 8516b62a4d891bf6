#include "pipeline/parts/unet_part.h"

#include <algorithm>
#include <utility>

#include "backend/dry/dry.h"

namespace easel {

UNetPart::UNetPart(Backend& backend, Scope scope, UNetConfig config)
    : backend_(backend),
      scope_(std::move(scope)),
      config_(std::move(config)),
      parameters_(scope_.parameters()) {
  const auto paper = make_dry_backend();
  const UNet checked({*paper, scope_}, config_);
  scope_.require_all_taken();
}

const UNet& UNetPart::network() {
  if (!network_) network_.emplace(Place{backend_, scope_, &edges_}, config_);
  return *network_;
}

// Skip connections of all levels, and at the widest place the concatenation, its normalised copy,
// the result, queries, keys, values and the gated hidden layer.
std::int64_t UNetPart::activations(int pictures, int latent_pixels) const {
  std::int64_t floats = 24 * config_.model_channels * config_.channel_mult.front() * latent_pixels;
  for (std::size_t level = 0; level < config_.channel_mult.size(); ++level) {
    const std::int64_t pixels = std::max(1, latent_pixels >> (2 * level));
    floats += (config_.num_res_blocks + 1) * config_.model_channels * config_.channel_mult[level] *
              pixels;
  }
  return pictures * floats * std::int64_t{4};
}

std::int64_t UNetPart::deep_levels(int pictures, int latent_pixels) const {
  const int width = config_.channel_mult[std::min<std::size_t>(1, config_.channel_mult.size() - 1)];
  return pictures * config_.model_channels * width * latent_pixels * std::int64_t{4};
}

}  // namespace easel
