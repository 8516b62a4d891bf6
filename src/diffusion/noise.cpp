#include "diffusion/noise.h"

#include <cassert>

namespace easel {
namespace {

// One generator's draw, from torch's [B, C, H, W] into `out`'s order.
void draw_from(TorchCpuRng& rng, const LatentShape& shape, std::int64_t pictures,
               std::vector<float>& scratch, std::span<float> out) {
  if (!shape.channels_last) return rng.normal(out);
  scratch.resize(out.size());
  rng.normal(scratch);
  const std::int64_t pixels = shape.height * shape.width;
  const float* from = scratch.data();
  for (std::int64_t b = 0; b < pictures; ++b) {
    for (std::int64_t c = 0; c < shape.channels; ++c) {
      float* to = out.data() + b * shape.picture() + c;
      for (std::int64_t p = 0; p < pixels; ++p) to[p * shape.channels] = *from++;
    }
  }
}

std::vector<std::uint64_t> seeds_from(std::uint64_t first, std::int64_t count) {
  std::vector<std::uint64_t> seeds;
  for (std::int64_t i = 0; i < count; ++i) {
    seeds.push_back(first + static_cast<std::uint64_t>(i));
  }
  return seeds;
}

}  // namespace

PerPictureNoise::PerPictureNoise(std::span<const std::uint64_t> seeds, const LatentShape& shape)
    : shape_(shape), rngs_(seeds.begin(), seeds.end()) {
  assert(std::ssize(seeds) == shape.batch);
}

PerPictureNoise::PerPictureNoise(std::uint64_t first_seed, const LatentShape& shape)
    : PerPictureNoise(seeds_from(first_seed, shape.batch), shape) {}

void PerPictureNoise::draw(std::span<float> out) {
  assert(std::ssize(out) == shape_.elements());
  const auto size = static_cast<std::size_t>(shape_.picture());
  for (std::size_t b = 0; b < rngs_.size(); ++b) {
    draw_from(rngs_[b], shape_, 1, scratch_, out.subspan(b * size, size));
  }
}

BatchNoise::BatchNoise(TorchCpuRng& rng, const LatentShape& shape) : shape_(shape), rng_(&rng) {}

void BatchNoise::draw(std::span<float> out) {
  assert(std::ssize(out) == shape_.elements());
  draw_from(*rng_, shape_, shape_.batch, scratch_, out);
}

}  // namespace easel
