#include "weights/random_weights.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "core/error.h"

namespace easel {
namespace {

constexpr float kVectorSpread = 0.02f;
constexpr double kMatrixSpread = 0.8;

// splitmix64's output function (Steele, Lea, Flood 2014): a good hash of a counter.
std::uint64_t hash(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

std::uint64_t hash_text(std::string_view text, std::uint64_t seed) {
  std::uint64_t state = hash(seed);
  for (const char c : text) state = hash(state ^ static_cast<unsigned char>(c));
  return state;
}

// Close to a standard normal: the sum of four uniform 16-bit numbers, centred, of variance one.
float near_normal(std::uint64_t bits) {
  const auto sum = static_cast<std::int32_t>((bits & 0xffffu) + ((bits >> 16) & 0xffffu) +
                                             ((bits >> 32) & 0xffffu) + (bits >> 48));
  constexpr float kScale = 1.7320508f / 65536.0f;  // sqrt(12 / 4), a uniform's variance being 1/12
  return static_cast<float>(sum - 2 * 65535) * kScale;
}

struct Generator {
  std::uint64_t key;
  float mean;
  float spread;
  DType dtype;

  void read(std::int64_t first, std::span<float> out) const {
    auto counter = key + static_cast<std::uint64_t>(first);
    for (float& value : out) value = mean + spread * near_normal(hash(counter++));
    if (dtype == DType::kF16) {
      for (float& value : out) value = half_to_float(float_to_half(value));
    } else if (dtype == DType::kBF16) {
      for (float& value : out) value = bfloat16_to_float(float_to_bfloat16(value));
    }
  }
};

Generator make_generator(const NamedShape& tensor, std::uint64_t seed, DType dtype) {
  Generator generator{
      .key = hash_text(tensor.name, seed), .mean = 0.0f, .spread = kVectorSpread, .dtype = dtype};
  if (tensor.shape.rank() <= 1) {
    if (tensor.name.ends_with("weight")) generator.mean = 1.0f;
    return generator;
  }
  const std::int64_t rows = std::max<std::int64_t>(tensor.shape[0], 1);
  const double fan_in = static_cast<double>(tensor.shape.elements() / rows);
  generator.spread = static_cast<float>(kMatrixSpread / std::sqrt(std::max(fan_in, 1.0)));
  return generator;
}

}  // namespace

TensorSource make_random_source(const NamedShape& tensor, std::uint64_t seed, DType dtype) {
  const Generator generator = make_generator(tensor, seed, dtype);
  return {.shape = tensor.shape,
          .dtype = dtype,
          .read = [generator](std::int64_t first, std::span<float> out) {
            generator.read(first, out);
          }};
}

Weights make_random_weights(std::span<const NamedShape> tensors, std::uint64_t seed, DType dtype) {
  Weights::Entries entries;
  for (const NamedShape& tensor : tensors) {
    Weights::Entry entry;
    entry.source = make_random_source(tensor, seed, dtype);
    if (!entries.emplace(tensor.name, std::move(entry)).second) {
      fail(ErrorCode::kUsage, "the tensor '{}' is named twice", tensor.name);
    }
  }
  return Weights(WeightsFormat::kMemory, std::move(entries));
}

}  // namespace easel
