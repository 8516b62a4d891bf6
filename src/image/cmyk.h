#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace easel::formats {

/// Inverted CMYK, as JPEGs hold it (0 is full ink), to sRGB: through the file's profile by
/// perceptual intent where it has one for CMYK, else by (1 - ink)(1 - black).
class CmykToRgb {
 public:
  explicit CmykToRgb(std::span<const std::uint8_t> icc);
  CmykToRgb(const CmykToRgb&) = delete;
  CmykToRgb& operator=(const CmykToRgb&) = delete;
  ~CmykToRgb();

  /// REQUIRES: 4 samples a pixel in `cmyk`, 3 in `rgb`
  void convert(const std::uint8_t* cmyk, std::uint8_t* rgb, std::size_t pixels) const;

 private:
  void* transform_ = nullptr;  // lcms2's
};

}  // namespace easel::formats
