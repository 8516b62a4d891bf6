#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/rng.h"

namespace easel {

/// numpy's `RandomState(seed).randn(...)`, rounded to float32: the start noise of Stability's
/// inpainting script. Marsaglia's polar method over 53-bit uniform values.
///
/// Copyable; not thread-safe.
class NumpyRng {
 public:
  explicit NumpyRng(std::uint32_t seed) : engine_(seed) {}

  void normal(std::span<float> out);

 private:
  double uniform();

  Mt19937 engine_;
  std::optional<double> next_normal_;
};

/// numpy's `SeedSequence(entropy, spawn_key=key, pool_size=24).generate_state(words)`: hashes a
/// seed and a path in a tree of generators into seeds that have nothing to do with each other
/// (O'Neill's seed_seq_fe). torchsde seeds each node of its Brownian tree so.
std::vector<std::uint32_t> seed_sequence(std::uint64_t entropy, std::span<const std::uint64_t> key,
                                         std::size_t words);

}  // namespace easel
