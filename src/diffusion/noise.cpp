#include "diffusion/noise.h"

#include <algorithm>
#include <cassert>

#include "diffusion/brownian.h"

namespace easel {
namespace {

// One generator's draw of several pictures.
template <typename Rng>
void draw_from(Rng& rng, const LatentShape& shape, std::vector<float>& scratch,
               std::span<float> out) {
  if (!shape.channels_last) return rng.normal(out);
  scratch.resize(out.size());
  rng.normal(scratch);
  const auto size = static_cast<std::size_t>(shape.picture());
  for (std::size_t at = 0; at < out.size(); at += size) {
    hand_out(shape, std::span(scratch).subspan(at, size), out.subspan(at, size));
  }
}

// Independent draws.
class FreshNoise final : public StepNoise {
 public:
  explicit FreshNoise(NoiseSource& source) : source_(source) {}
  void draw(double, double, std::span<float> out) override { source_.draw(out); }

 private:
  NoiseSource& source_;
};

std::vector<std::uint64_t> seeds_from(std::uint64_t first, std::int64_t count) {
  std::vector<std::uint64_t> seeds;
  for (std::int64_t i = 0; i < count; ++i) {
    seeds.push_back(first + static_cast<std::uint64_t>(i));
  }
  return seeds;
}

}  // namespace

std::unique_ptr<StepNoise> NoiseSource::between(double, double) {
  return std::make_unique<FreshNoise>(*this);
}

void hand_out(const LatentShape& shape, std::span<const float> planar, std::span<float> out) {
  if (!shape.channels_last) {
    std::ranges::copy(planar, out.begin());
    return;
  }
  const std::int64_t pixels = shape.height * shape.width;
  const float* from = planar.data();
  for (std::int64_t c = 0; c < shape.channels; ++c) {
    float* to = out.data() + c;
    for (std::int64_t p = 0; p < pixels; ++p) to[p * shape.channels] = *from++;
  }
}

PerPictureNoise::PerPictureNoise(std::span<const std::uint64_t> seeds, const LatentShape& shape,
                                 RngKind rng)
    : kind_(rng), shape_(shape), seeds_(seeds.begin(), seeds.end()) {
  assert(std::ssize(seeds) == shape.batch);
  reseed(0);
}

PerPictureNoise::PerPictureNoise(std::uint64_t first_seed, const LatentShape& shape)
    : PerPictureNoise(seeds_from(first_seed, shape.batch), shape) {}

void PerPictureNoise::reseed(std::uint64_t delta) {
  rngs_.clear();
  for (const std::uint64_t seed : seeds_) rngs_.emplace_back(kind_, seed + delta);
}

void PerPictureNoise::draw(std::span<float> out) {
  assert(std::ssize(out) == shape_.elements());
  const auto size = static_cast<std::size_t>(shape_.picture());
  for (std::size_t b = 0; b < rngs_.size(); ++b) {
    draw_from(rngs_[b], shape_, scratch_, out.subspan(b * size, size));
  }
}

std::unique_ptr<StepNoise> PerPictureNoise::between(double lowest, double highest) {
  return std::make_unique<BrownianNoise>(
      kind_, seeds_, shape_, BrownianNoise::Range{.lowest = lowest, .highest = highest});
}

BatchNoise::BatchNoise(TorchCpuRng& rng, const LatentShape& shape) : shape_(shape), rng_(&rng) {}

void BatchNoise::draw(std::span<float> out) {
  assert(std::ssize(out) == shape_.elements());
  draw_from(*rng_, shape_, scratch_, out);
}

}  // namespace easel
