#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace easel {

/// A picture: rows from the top, pixels from the left, `channels` samples a pixel (1 gray, 3 RGB,
/// 4 RGB and straight alpha) of 8 or 16 bits (native byte order). A value.
class Image {
 public:
  struct Size {
    int width = 0;
    int height = 0;
    bool operator==(const Size&) const = default;
  };

  Image() = default;
  /// All samples 0. REQUIRES: positive sizes, channels 1, 3 or 4, bits 8 or 16
  Image(Size size, int channels, int bits = 8);

  int width() const { return size_.width; }
  int height() const { return size_.height; }
  Size size() const { return size_; }
  int channels() const { return channels_; }
  int bits() const { return bits_; }
  bool has_alpha() const { return channels_ == 4; }
  bool empty() const { return samples_ == 0; }
  /// Samples of a row.
  std::size_t stride() const {
    return static_cast<std::size_t>(size_.width) * static_cast<std::size_t>(channels_);
  }
  std::size_t samples() const { return samples_; }

  /// All samples. REQUIRES: bits() == 8
  std::span<std::uint8_t> samples8();
  std::span<const std::uint8_t> samples8() const;
  std::span<std::uint8_t> row8(int y);
  std::span<const std::uint8_t> row8(int y) const;
  /// All samples. REQUIRES: bits() == 16
  std::span<std::uint16_t> samples16();
  std::span<const std::uint16_t> samples16() const;

  bool operator==(const Image& other) const;

 private:
  Size size_;
  int channels_ = 0;
  int bits_ = 8;
  std::size_t samples_ = 0;
  std::vector<std::uint16_t> storage_;  // 8-bit samples are packed two a word
};

/// Decoded values [H, W, 3] in [-1, 1] to 8-bit RGB: trunc(255 * clamp((x + 1) / 2, 0, 1)), as the
/// original does it (NaN becomes 0). REQUIRES: values.size() == width * height * 3
Image image_from_decoded(std::span<const float> values, Image::Size size);

/// Samples as floats in [0, 1], [H, W, channels], and back (rounded to nearest, clamped).
std::vector<float> to_floats(const Image& image);
/// REQUIRES: values.size() == width * height * channels
Image image_from_floats(std::span<const float> values, Image::Size size, int channels,
                        int bits = 8);

/// To 8-bit RGB whatever it was: gray is repeated, alpha is laid over `background` (0 to 255), 16
/// bits are rounded.
Image to_rgb8(const Image& image, std::uint8_t background = 255);

}  // namespace easel
