#pragma once

#include <optional>
#include <string>
#include <vector>

#include "backend/specs.h"

namespace easel {

/// Ways to compute a convolution: sums over all taps, or Winograd's F(2x2, 3x3) and F(4x4, 3x3).
enum class ConvAlgorithm { kDirect, kWinograd2, kWinograd4 };

/// "direct", "winograd 2x2", "winograd 4x4".
std::string name_of(ConvAlgorithm algorithm);

/// What only backends on this processor can be told.
struct CpuOptions {
  /// Instead of a number of threads: a thread for each of these cores, kept there (see
  /// ThreadPool).
  std::vector<int> cores{};
  /// The algorithm of all convolutions that it can run, instead of each layer's best.
  std::optional<ConvAlgorithm> convolution{};
  /// Bytes of a core's second-level cache, instead of what the system says.
  std::optional<std::int64_t> second_level_cache{};
};

/// What the cpu backend is made from, and one that takes after it.
struct CpuBackendSpec {
  int threads = 0;  ///< 0: as many as this process may use
  Precision precision = Precision::kF32;
  std::string target{};  ///< "SSE4", "AVX2", "AVX3"; onednn: "bf16", "f32"; empty: the best
  CpuOptions options{};
};

/// The instruction sets that the cpu backend can run on this machine, best first.
std::vector<std::string> cpu_targets();

}  // namespace easel
