#include "core/rng.h"

#include <cmath>
#include <numbers>

namespace easel {

Mt19937::Mt19937(std::uint32_t seed) {
  state_[0] = seed;
  for (std::size_t i = 1; i < kSize; ++i) {
    const std::uint32_t previous = state_[i - 1];
    state_[i] = 1812433253u * (previous ^ (previous >> 30)) + static_cast<std::uint32_t>(i);
  }
}

void Mt19937::refill() {
  constexpr std::size_t kShift = 397;
  for (std::size_t i = 0; i < kSize; ++i) {
    const std::uint32_t y = (state_[i] & 0x80000000u) | (state_[(i + 1) % kSize] & 0x7fffffffu);
    state_[i] = state_[(i + kShift) % kSize] ^ (y >> 1) ^ ((y & 1u) != 0 ? 0x9908b0dfu : 0u);
  }
  used_ = 0;
}

std::uint32_t Mt19937::next() {
  if (used_ == kSize) refill();
  std::uint32_t y = state_[used_++];
  y ^= y >> 11;
  y ^= (y << 7) & 0x9d2c5680u;
  y ^= (y << 15) & 0xefc60000u;
  return y ^ (y >> 18);
}

// at::uniform_real_distribution: as many low bits as the type's mantissa holds.
float TorchCpuRng::uniform_float() {
  return static_cast<float>(engine_.next() & 0xffffffu) * 0x1p-24f;
}

double TorchCpuRng::uniform_double() {
  const std::uint64_t high = engine_.next();
  const std::uint64_t bits = (high << 32) | engine_.next();
  return static_cast<double>(bits & ((std::uint64_t{1} << 53) - 1)) * 0x1p-53;
}

// at::normal_distribution<double>: Box-Muller, the sine kept for the next call.
double TorchCpuRng::normal_double() {
  if (next_normal_) {
    const double value = *next_normal_;
    next_normal_.reset();
    return value;
  }
  const double u1 = uniform_double();
  const double u2 = uniform_double();
  const double radius = std::sqrt(-2.0 * std::log1p(-u2));
  const double theta = 2.0 * std::numbers::pi * u1;
  next_normal_ = radius * std::sin(theta);
  return radius * std::cos(theta);
}

namespace {

constexpr std::size_t kBlock = 16;

// Uniform values to normal ones in place: value i is paired with i + 8.
void box_muller(std::span<float> block) {
  constexpr std::size_t kHalf = kBlock / 2;
  for (std::size_t i = 0; i < kHalf; ++i) {
    const float u1 = 1.0f - block[i];
    const float radius = std::sqrt(-2.0f * std::log(u1));
    const float theta = 2.0f * std::numbers::pi_v<float> * block[i + kHalf];
    block[i] = radius * std::cos(theta);
    block[i + kHalf] = radius * std::sin(theta);
  }
}

}  // namespace

// at::native's normal_fill. A tail shorter than a block draws the last 16 values anew, so some of
// the block before are overwritten and the generator moves on by 16 more.
void TorchCpuRng::fill_normal(std::span<float> out) {
  for (float& value : out) value = uniform_float();
  for (std::size_t i = 0; i + kBlock <= out.size(); i += kBlock) {
    box_muller(out.subspan(i, kBlock));
  }
  if (out.size() % kBlock == 0) return;
  const auto tail = out.last(kBlock);
  for (float& value : tail) value = uniform_float();
  box_muller(tail);
}

void TorchCpuRng::normal(std::span<float> out) {
  if (out.size() >= kBlock) {
    fill_normal(out);
    return;
  }
  for (float& value : out) value = static_cast<float>(normal_double());
}

}  // namespace easel
