#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

namespace easel {

/// The Mersenne Twister MT19937 (Matsumoto and Nishimura 1998), as torch and std::mt19937 have it.
class Mt19937 {
 public:
  explicit Mt19937(std::uint32_t seed);
  std::uint32_t next();

 private:
  static constexpr std::size_t kSize = 624;
  void refill();

  std::array<std::uint32_t, kSize> state_;
  std::size_t used_ = kSize;
};

/// Torch's CPU generator: after `torch.manual_seed(seed)`, `normal(out)` gives the values of
/// `torch.randn(out.size())` (float32, within 1e-6: torch's vector code rounds its logarithms
/// otherwise) and leaves the generator where torch leaves it. MODELS.md section 2.
///
///     TorchCpuRng rng(42);
///     rng.normal(latents);  // torch.manual_seed(42); torch.randn(latents.size())
///     rng.normal(noise);    // the next torch.randn
///
/// Copyable; a copy goes on alone. Not thread-safe.
class TorchCpuRng {
 public:
  /// Torch seeds its twister with the low 32 bits: seeds 2^32 apart give the same numbers.
  explicit TorchCpuRng(std::uint64_t seed) : engine_(static_cast<std::uint32_t>(seed)) {}

  void normal(std::span<float> out);

 private:
  float uniform_float();
  double uniform_double();
  double normal_double();
  void fill_normal(std::span<float> out);

  Mt19937 engine_;
  std::optional<double> next_normal_;  // the second value of a Box-Muller pair, kept for the next
};

}  // namespace easel
