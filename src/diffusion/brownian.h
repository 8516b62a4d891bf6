#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/rng_kinds.h"
#include "diffusion/noise.h"

namespace easel {

/// torchsde's BrownianTree: a Brownian motion W between two times, known at any time within, every
/// value of it fixed by the seed. Whatever steps a sampler takes and in whatever order it asks, it
/// sees the same motion.
///
/// The interval is halved again and again, its ends rounded to six decimals, until the times asked
/// for are ends; at each halving the middle is drawn from the bridge between the ends, by a
/// generator whose seed is hashed of the whole tree's and of the node's place. Nothing is kept but
/// the seed: an increment costs at most some fifty draws of `size` values.
///
/// REQUIRES: start < end
class BrownianTree {
 public:
  BrownianTree(RngKind rng, std::uint64_t seed, double start, double end, std::size_t size);

  /// out = W(to) - W(from), for times clamped to the tree's. REQUIRES: from <= to, `size` values
  void increment(double from, double to, std::span<float> out) const;

 private:
  struct Node {
    double start, end;
    std::uint64_t key;  ///< its place among the nodes of its depth, from 0
    std::uint64_t depth;
  };
  void add(const Node& node, std::span<const float> w, double from, double to,
           std::span<float> out) const;

  RngKind rng_;
  std::uint64_t seed_;
  double start_, end_;
  std::vector<float> whole_;  // W(end) - W(start)
};

/// One tree a picture of a batch, as AUTOMATIC1111's samplers with "SDE" in their names draw:
/// k-diffusion's BrownianTreeNoiseSampler.
class BrownianNoise final : public StepNoise {
 public:
  struct Range {
    double lowest, highest;  ///< sigmas above 0
  };
  BrownianNoise(RngKind rng, std::span<const std::uint64_t> seeds, const LatentShape& shape,
                const Range& sigmas);
  /// The increment between the levels, made standard normal; with the other sign where the noise
  /// falls.
  void draw(double sigma, double sigma_next, std::span<float> out) override;

 private:
  LatentShape shape_;
  std::vector<BrownianTree> trees_;
  std::vector<float> planar_;
};

}  // namespace easel
