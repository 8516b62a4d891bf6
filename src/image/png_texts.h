#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "image/codec.h"

namespace easel::formats {

inline constexpr std::string_view kPngParametersKey = "parameters";
inline constexpr std::string_view kPngEaselKey = "easel";
inline constexpr std::string_view kPngXmpKey = "XML:com.adobe.xmp";

/// One text chunk of a PNG, still packed. The bytes are the file's.
struct PngTextChunk {
  std::string_view kind;  ///< "tEXt", "zTXt" or "iTXt"
  std::span<const std::uint8_t> data;
};
std::string_view key_of(const PngTextChunk& chunk);

/// The texts of a PNG sorted into what they mean. libpng would drop one that is longer than its
/// limits without a word; here `notes` says so. Unpacks the last text of each key that Easel knows,
/// then others in the file's order, as long as they are at most 256 of 16 MiB each and 32 MiB
/// together.
void take_png_texts(const std::vector<PngTextChunk>& chunks, ImageMetadata& metadata,
                    std::vector<std::string>& notes);

/// Whether tEXt says this text: Latin-1, and not what a reader could take for UTF-8.
bool fits_latin1_chunk(std::string_view latin1);

}  // namespace easel::formats
