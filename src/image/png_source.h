#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "image/png_texts.h"

namespace easel::formats {

/// What libpng is given of a PNG: the signature, the chunks that make the picture, and of all
/// others one colour profile. Texts are found wherever they lie, behind the pixels too, without
/// unpacking these.
class PngSource {
 public:
  PngSource() = default;
  /// libpng takes memory for as long a chunk as the file claims; here each must be there first.
  /// Throws kInvalidFile. The bytes outlive the object.
  PngSource(std::span<const std::uint8_t> bytes, std::string_view name);

  /// The next bytes; false when there are fewer.
  bool take(std::span<std::uint8_t> out);

  const std::vector<PngTextChunk>& texts() const { return texts_; }
  /// The eXIf chunk's data, or nothing.
  std::span<const std::uint8_t> exif() const { return exif_; }
  /// Pictures in an APNG, 1 in any other.
  std::uint32_t frames() const { return frames_; }

 private:
  std::vector<std::span<const std::uint8_t>> pieces_;
  std::size_t piece_ = 0;
  std::size_t taken_ = 0;  // of this piece
  std::vector<PngTextChunk> texts_;
  std::span<const std::uint8_t> exif_;
  std::uint32_t frames_ = 1;
};

}  // namespace easel::formats
