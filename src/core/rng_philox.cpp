#include "core/rng_philox.h"

#include <cmath>

namespace easel {

std::array<std::uint32_t, 4> philox_4x32_10(std::array<std::uint32_t, 4> counter,
                                            std::array<std::uint32_t, 2> key) {
  constexpr int kRounds = 10;
  for (int round = 0; round < kRounds; ++round) {
    const std::uint64_t a = std::uint64_t{counter[0]} * 0xd2511f53u;
    const std::uint64_t b = std::uint64_t{counter[2]} * 0xcd9e8d57u;
    counter = {
        static_cast<std::uint32_t>(b >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(b),
        static_cast<std::uint32_t>(a >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(a)};
    key[0] += 0x9e3779b9u;
    key[1] += 0xbb67ae85u;
  }
  return counter;
}

// Words become values in (0, 1) and (0, 2 pi) by float's idea of 2^-32, in double arithmetic.
void PhiloxRng::normal(std::span<float> out) {
  constexpr float kUnit = 2.3283064e-10f;
  constexpr auto kTurn = static_cast<float>(2.3283064e-10 * 6.2831855);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto words = philox_4x32_10({draws_, 0, static_cast<std::uint32_t>(i), 0}, key_);
    const double u = words[0] * double{kUnit} + double{kUnit / 2};
    const double v = words[1] * double{kTurn} + double{kTurn / 2};
    out[i] = static_cast<float>(std::sqrt(-2 * std::log(u)) * std::sin(v));
  }
  ++draws_;
}

}  // namespace easel
