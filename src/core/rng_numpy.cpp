#include "core/rng_numpy.h"

#include <array>
#include <cmath>

namespace easel {

double NumpyRng::uniform() {
  const std::uint32_t high = engine_.next() >> 5;
  const std::uint32_t low = engine_.next() >> 6;
  return (high * 0x1p26 + low) * 0x1p-53;
}

void NumpyRng::normal(std::span<float> out) {
  for (float& value : out) {
    if (next_normal_) {
      value = static_cast<float>(*next_normal_);
      next_normal_.reset();
      continue;
    }
    double x = 0, y = 0, square = 0;
    do {
      x = 2 * uniform() - 1;
      y = 2 * uniform() - 1;
      square = x * x + y * y;
    } while (square >= 1 || square == 0);
    const double scale = std::sqrt(-2 * std::log(square) / square);
    next_normal_ = scale * x;
    value = static_cast<float>(scale * y);
  }
}

namespace {

constexpr std::size_t kPool = 24;

std::uint32_t folded(std::uint32_t value) { return value ^ (value >> 16); }

// A multiplicative hash whose constant changes with each use.
class Hash {
 public:
  Hash(std::uint32_t constant, std::uint32_t multiplier)
      : constant_(constant), multiplier_(multiplier) {}
  std::uint32_t operator()(std::uint32_t value) {
    value ^= constant_;
    constant_ *= multiplier_;
    return folded(value * constant_);
  }

 private:
  std::uint32_t constant_, multiplier_;
};

std::uint32_t mixed(std::uint32_t x, std::uint32_t y) {
  return folded(0xca01f9ddu * x - 0x4973f715u * y);
}

// An integer's 32-bit words, the lowest first; 0 is one word.
void append_words(std::uint64_t value, std::vector<std::uint32_t>& words) {
  words.push_back(static_cast<std::uint32_t>(value));
  if (value >> 32 != 0) words.push_back(static_cast<std::uint32_t>(value >> 32));
}

}  // namespace

std::vector<std::uint32_t> seed_sequence(std::uint64_t entropy, std::span<const std::uint64_t> key,
                                         std::size_t words) {
  std::vector<std::uint32_t> given;
  append_words(entropy, given);
  if (given.size() < kPool) given.resize(kPool);  // a key stands behind a whole pool of entropy
  for (const std::uint64_t part : key) append_words(part, given);

  Hash hash(0x43b0d7e5u, 0x931e8875u);
  std::array<std::uint32_t, kPool> pool{};
  for (std::size_t i = 0; i < kPool; ++i) pool[i] = hash(given[i]);
  for (std::size_t from = 0; from < kPool; ++from) {
    for (std::size_t to = 0; to < kPool; ++to) {
      if (from != to) pool[to] = mixed(pool[to], hash(pool[from]));
    }
  }
  for (std::size_t from = kPool; from < given.size(); ++from) {
    for (std::uint32_t& value : pool) value = mixed(value, hash(given[from]));
  }

  Hash spread(0x8b51f9ddu, 0x58f38dedu);
  std::vector<std::uint32_t> state(words);
  for (std::size_t i = 0; i < words; ++i) state[i] = spread(pool[i % kPool]);
  return state;
}

}  // namespace easel
