#include "image/image.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace easel {

Image::Image(Size size, int channels, int bits) : size_(size), channels_(channels), bits_(bits) {
  assert(size.width > 0 && size.height > 0);
  assert(channels == 1 || channels == 3 || channels == 4);
  assert(bits == 8 || bits == 16);
  samples_ = stride() * static_cast<std::size_t>(size.height);
  storage_.resize(bits == 16 ? samples_ : (samples_ + 1) / 2);
}

std::span<std::uint8_t> Image::samples8() {
  assert(bits_ == 8);
  return {reinterpret_cast<std::uint8_t*>(storage_.data()), samples_};
}

std::span<const std::uint8_t> Image::samples8() const {
  assert(bits_ == 8);
  return {reinterpret_cast<const std::uint8_t*>(storage_.data()), samples_};
}

std::span<std::uint8_t> Image::row8(int y) {
  return samples8().subspan(static_cast<std::size_t>(y) * stride(), stride());
}

std::span<const std::uint8_t> Image::row8(int y) const {
  return samples8().subspan(static_cast<std::size_t>(y) * stride(), stride());
}

std::span<std::uint16_t> Image::samples16() {
  assert(bits_ == 16);
  return {storage_.data(), samples_};
}

std::span<const std::uint16_t> Image::samples16() const {
  assert(bits_ == 16);
  return {storage_.data(), samples_};
}

bool Image::operator==(const Image& other) const {
  if (size_ != other.size_ || channels_ != other.channels_ || bits_ != other.bits_) return false;
  return bits_ == 8 ? std::ranges::equal(samples8(), other.samples8())
                    : std::ranges::equal(samples16(), other.samples16());
}

Image image_from_decoded(std::span<const float> values, Image::Size size) {
  Image image(size, 3);
  assert(values.size() == image.samples());
  const auto out = image.samples8();
  for (std::size_t i = 0; i < values.size(); ++i) {
    // Written so that NaN fails both comparisons and becomes 0.
    const float unit = (values[i] + 1.0f) / 2.0f;
    const float clamped = unit > 0.0f ? std::min(unit, 1.0f) : 0.0f;
    out[i] = static_cast<std::uint8_t>(255.0f * clamped);
  }
  return image;
}

std::vector<float> to_floats(const Image& image) {
  std::vector<float> values(image.samples());
  if (image.bits() == 16) {
    std::ranges::transform(image.samples16(), values.begin(),
                           [](std::uint16_t s) { return static_cast<float>(s) / 65535.0f; });
  } else {
    std::ranges::transform(image.samples8(), values.begin(),
                           [](std::uint8_t s) { return static_cast<float>(s) / 255.0f; });
  }
  return values;
}

Image image_from_floats(std::span<const float> values, Image::Size size, int channels, int bits) {
  Image image(size, channels, bits);
  assert(values.size() == image.samples());
  const auto rounded = [](float value, float top) {
    return value > 0.0f ? std::min(value, 1.0f) * top + 0.5f : 0.0f;
  };
  if (bits == 16) {
    std::ranges::transform(values, image.samples16().begin(), [&](float v) {
      return static_cast<std::uint16_t>(rounded(v, 65535.0f));
    });
  } else {
    std::ranges::transform(values, image.samples8().begin(),
                           [&](float v) { return static_cast<std::uint8_t>(rounded(v, 255.0f)); });
  }
  return image;
}

Image to_rgb8(const Image& image, std::uint8_t background) {
  Image out(image.size(), 3);
  const auto to = out.samples8();
  const auto channels = static_cast<std::size_t>(image.channels());
  const auto sample = [&](std::size_t i) -> unsigned {
    return image.bits() == 16 ? (image.samples16()[i] * 255u + 32767u) / 65535u
                              : image.samples8()[i];
  };
  for (std::size_t p = 0; p < to.size() / 3; ++p) {
    const unsigned alpha = channels == 4 ? sample(p * channels + 3) : 255u;
    for (std::size_t c = 0; c < 3; ++c) {
      const unsigned colour = sample(p * channels + (channels == 1 ? 0 : c));
      to[p * 3 + c] =
          static_cast<std::uint8_t>((colour * alpha + background * (255u - alpha) + 127u) / 255u);
    }
  }
  return out;
}

}  // namespace easel
