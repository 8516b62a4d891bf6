#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "image/codec.h"
#include "image/image.h"
#include "support/fixture_file.h"

namespace easel::testing {

inline constexpr ImageFormat kFormats[] = {ImageFormat::kPng, ImageFormat::kJpeg,
                                           ImageFormat::kWebp};

inline std::vector<std::uint8_t> picture_bytes(const std::string& name) {
  const std::string text = read_text(data_file("pictures/" + name));
  return {text.begin(), text.end()};
}

/// The picture of make_pictures.py: (20 x, 30 y, 100).
inline Image ramp(Image::Size size = {12, 8}) {
  Image image(size, 3);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      const auto at = static_cast<std::size_t>(3 * x);
      image.row8(y)[at] = static_cast<std::uint8_t>(20 * x);
      image.row8(y)[at + 1] = static_cast<std::uint8_t>(30 * y);
      image.row8(y)[at + 2] = 100;
    }
  }
  return image;
}

/// Every sample different from its neighbours.
inline Image noisy(Image::Size size, int channels, int bits = 8) {
  std::mt19937 engine(7);
  Image image(size, channels, bits);
  if (bits == 16) {
    for (auto& sample : image.samples16()) sample = static_cast<std::uint16_t>(engine());
  } else {
    for (auto& sample : image.samples8()) sample = static_cast<std::uint8_t>(engine());
  }
  return image;
}

/// The largest difference of two 8-bit pictures of one shape; 256 for two shapes.
inline int largest_difference(const Image& a, const Image& b) {
  if (a.size() != b.size() || a.channels() != b.channels() || a.bits() != 8 || b.bits() != 8) {
    return 256;
  }
  int largest = 0;
  for (std::size_t i = 0; i < a.samples(); ++i) {
    largest = std::max(largest, std::abs(a.samples8()[i] - b.samples8()[i]));
  }
  return largest;
}

}  // namespace easel::testing
