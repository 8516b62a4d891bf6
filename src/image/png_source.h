#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace easel::formats {

inline constexpr std::string_view kPngParametersKey = "parameters";
inline constexpr std::string_view kPngEaselKey = "easel";

/// What libpng is given of a PNG: the signature, the chunks that make the picture, and of all
/// others one colour profile and the last text of each key that is kept, before the pixels,
/// wherever they lie in the file. Thus nothing is unpacked that nobody reads, texts behind
/// thousands of others are found, and those behind the pixels without unpacking these.
class PngSource {
 public:
  PngSource() = default;
  /// libpng takes memory for as long a chunk as the file claims; here each must be there first.
  /// Throws kInvalidFile. The bytes outlive the object.
  PngSource(std::span<const std::uint8_t> bytes, std::string_view name);

  /// The next bytes; false when there are fewer.
  bool take(std::span<std::uint8_t> out);

  /// The eXIf chunk's data, or nothing.
  std::span<const std::uint8_t> exif() const { return exif_; }
  /// Pictures in an APNG, 1 in any other.
  std::uint32_t frames() const { return frames_; }

 private:
  std::vector<std::span<const std::uint8_t>> pieces_;
  std::size_t piece_ = 0;
  std::size_t taken_ = 0;  // of this piece
  std::span<const std::uint8_t> exif_;
  std::uint32_t frames_ = 1;
};

}  // namespace easel::formats
