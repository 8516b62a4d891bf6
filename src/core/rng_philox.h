#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace easel {

/// Philox 4x32 with ten rounds (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").
std::array<std::uint32_t, 4> philox_4x32_10(std::array<std::uint32_t, 4> counter,
                                            std::array<std::uint32_t, 2> key);

/// Torch's CUDA generator as AUTOMATIC1111's randn_source "NV" computes it on any processor: after
/// `torch.manual_seed(seed)`, `normal(out)` gives `torch.randn(out.size(), device="cuda")` of up to
/// some hundred thousand values (float32; a card's own logarithm rounds otherwise in the last
/// digits).
///
/// Value i of draw n is the first of Box and Muller's pair (1958) from the words of counter
/// (n, 0, i, 0): no value depends on another, nor on how many are drawn.
///
/// Copyable; not thread-safe.
class PhiloxRng {
 public:
  explicit PhiloxRng(std::uint64_t seed)
      : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)} {}

  void normal(std::span<float> out);

 private:
  std::array<std::uint32_t, 2> key_;
  std::uint32_t draws_ = 0;
};

}  // namespace easel
