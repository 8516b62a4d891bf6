#include "image/hidden_colours.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace easel {
namespace {

constexpr std::size_t kChannels = 4;
constexpr std::size_t kAlpha = 3;

// Grows the visible colours outwards, a ring of pixels at a time.
template <typename Sample>
bool fill(std::span<Sample> samples, std::int64_t width, std::int64_t height) {
  const std::int64_t pixels = width * height;
  std::vector<bool> known(static_cast<std::size_t>(pixels));
  std::int64_t hidden = 0;
  for (std::int64_t i = 0; i < pixels; ++i) {
    const std::size_t pixel = static_cast<std::size_t>(i);
    known[pixel] = samples[pixel * kChannels + kAlpha] != 0;
    hidden += known[pixel] ? 0 : 1;
  }
  if (hidden == 0 || hidden == pixels) return false;

  std::vector<std::int64_t> ring, next;
  const auto grow_from = [&](std::int64_t i) {
    const std::int64_t x = i % width, y = i / width;
    const std::pair<bool, std::int64_t> neighbours[] = {
        {x > 0, i - 1}, {x + 1 < width, i + 1}, {y > 0, i - width}, {y + 1 < height, i + width}};
    for (const auto& [inside, j] : neighbours) {
      if (!inside || known[static_cast<std::size_t>(j)]) continue;
      known[static_cast<std::size_t>(j)] = true;
      for (std::size_t c = 0; c < kAlpha; ++c) {
        samples[static_cast<std::size_t>(j) * kChannels + c] =
            samples[static_cast<std::size_t>(i) * kChannels + c];
      }
      next.push_back(j);
    }
  };
  for (std::int64_t i = 0; i < pixels; ++i) {
    if (samples[static_cast<std::size_t>(i) * kChannels + kAlpha] != 0) grow_from(i);
  }
  while (!next.empty()) {
    ring.swap(next);
    next.clear();
    for (const std::int64_t i : ring) grow_from(i);
  }
  return true;
}

}  // namespace

std::optional<Image> with_hidden_colours_filled(const Image& picture) {
  if (picture.empty() || picture.channels() != kChannels) return std::nullopt;
  Image filled = picture;
  const bool changed = filled.bits() == 8
                           ? fill(filled.samples8(), filled.width(), filled.height())
                           : fill(filled.samples16(), filled.width(), filled.height());
  return changed ? std::optional(std::move(filled)) : std::nullopt;
}

}  // namespace easel
