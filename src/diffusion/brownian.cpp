#include "diffusion/brownian.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <cmath>
#include <span>

#include "core/rng_numpy.h"

namespace easel {
namespace {

// Python's round(value, 6): the nearest decimal to the value's exact binary form.
double rounded(double value) {
  std::array<char, 64> text{};
  const auto printed =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, 6);
  double result = value;
  std::from_chars(text.data(), printed.ptr, result);
  return result;
}

std::uint32_t seed_at(std::uint64_t entropy, std::span<const std::uint64_t> key) {
  return seed_sequence(entropy, key, 1).front();
}

}  // namespace

BrownianTree::BrownianTree(RngKind rng, std::uint64_t seed, double start, double end,
                           std::size_t size)
    : rng_(rng), seed_(seed), start_(rounded(start)), end_(rounded(end)), whole_(size) {
  assert(start_ < end_);
  NormalRng(rng_, seed_at(seed_, {})).normal(whole_);
  const auto deviation = static_cast<float>(std::sqrt(end_ - start_));
  for (float& value : whole_) value *= deviation;
}

void BrownianTree::increment(double from, double to, std::span<float> out) const {
  assert(from <= to && out.size() == whole_.size());
  std::ranges::fill(out, 0.0f);
  const double a = std::clamp(rounded(from), start_, end_);
  const double b = std::clamp(rounded(to), start_, end_);
  if (a < b) add({.start = start_, .end = end_, .key = 0, .depth = 0}, whole_, a, b, out);
}

// Levy's construction: W at the middle is the mean of W at the ends, weighted, and fresh noise.
void BrownianTree::add(const Node& node, std::span<const float> w, double from, double to,
                       std::span<float> out) const {
  const double middle = rounded(0.5 * (node.start + node.end));
  const bool whole = from == node.start && to == node.end;
  if (whole || middle <= node.start || middle >= node.end) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] += w[i];
    return;
  }
  const double left = middle - node.start, right = node.end - middle, both = node.end - node.start;
  const auto share = static_cast<float>(left / both);
  const auto deviation = static_cast<float>(std::sqrt(left * right / both));
  std::vector<float> half(w.size());
  const std::array key{node.key, node.depth};
  NormalRng(rng_, seed_at(seed_, key)).normal(half);
  for (std::size_t i = 0; i < half.size(); ++i) half[i] = share * w[i] + deviation * half[i];

  if (from < middle) {
    add({.start = node.start, .end = middle, .key = 2 * node.key, .depth = node.depth + 1}, half,
        from, std::min(to, middle), out);
  }
  if (to > middle) {
    for (std::size_t i = 0; i < half.size(); ++i) half[i] = w[i] - half[i];
    add({.start = middle, .end = node.end, .key = 2 * node.key + 1, .depth = node.depth + 1}, half,
        std::max(from, middle), to, out);
  }
}

BrownianNoise::BrownianNoise(RngKind rng, std::span<const std::uint64_t> seeds,
                             const LatentShape& shape, const Range& sigmas)
    : shape_(shape), planar_(static_cast<std::size_t>(shape.picture())) {
  assert(std::ssize(seeds) == shape.batch);
  for (const std::uint64_t seed : seeds) {
    trees_.emplace_back(rng, seed, sigmas.lowest, sigmas.highest, planar_.size());
  }
}

void BrownianNoise::draw(double sigma, double sigma_next, std::span<float> out) {
  assert(out.size() == trees_.size() * planar_.size());
  const double low = std::min(sigma, sigma_next), high = std::max(sigma, sigma_next);
  const auto length = static_cast<float>(std::sqrt(high - low));
  const float scale = sigma_next < sigma ? -length : length;
  for (std::size_t b = 0; b < trees_.size(); ++b) {
    trees_[b].increment(low, high, planar_);
    for (float& value : planar_) value /= scale;
    hand_out(shape_, planar_, out.subspan(b * planar_.size(), planar_.size()));
  }
}

}  // namespace easel
