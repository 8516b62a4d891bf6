#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/atomic_file.h"
#include "image/image.h"

// Pictures from and to bytes and files.
//
//     Picture picture = read_picture("photo.jpg");
//     write_picture("out.png", image, {.metadata = metadata_of(by_easel(recipe))});   //
//     recipe/forms.h

namespace easel {

enum class ImageFormat { kPng, kJpeg, kWebp };

/// "PNG", "JPEG", "WebP"
std::string_view name_of(ImageFormat format);
/// "image/png" …
std::string_view media_type_of(ImageFormat format);
/// By the first bytes.
std::optional<ImageFormat> detect_format(std::span<const std::uint8_t> bytes);
/// By the name's ending (.png, .jpg, .jpeg, .webp, any case). Throws kUsage naming the three.
ImageFormat format_for(const std::filesystem::path& path);

/// What a picture file carries besides its pixels. Both texts are UTF-8.
struct ImageMetadata {
  std::vector<std::uint8_t> icc;  ///< colour profile, as in the file
  std::string parameters;         ///< AUTOMATIC1111's text: PNG "parameters", EXIF UserComment
  std::string easel;              ///< Easel's JSON: PNG "easel", EXIF MakerNote
};

struct Picture {
  Image image;
  ImageMetadata metadata;
  ImageFormat format = ImageFormat::kPng;
};

struct DecodeLimits {
  std::int64_t max_pixels = std::int64_t{32} << 20;
};

/// Throws kUnsupported for something that is no PNG, JPEG or WebP, and for CMYK or animation;
/// kInvalidFile for a broken or truncated file, or one with more pixels than the limit. Palettes
/// become RGB, 16-bit PNG stays 16-bit, a JPEG's EXIF orientation is applied. `name` is for
/// messages.
Picture decode_picture(std::span<const std::uint8_t> bytes, std::string_view name = "the picture",
                       DecodeLimits limits = {});
/// Throws kNotFound, kIo and as decode_picture.
Picture read_picture(const std::filesystem::path& path, DecodeLimits limits = {});

struct EncodeOptions {
  int quality = 95;       ///< JPEG and lossy WebP, 1 to 100
  bool lossless = false;  ///< WebP
  int compression = 6;    ///< PNG, 0 to 9
  ImageMetadata metadata = {};
};

/// JPEG lays alpha over white; JPEG and WebP round 16 bits to 8. Throws kUsage for an image larger
/// than the format can hold, or metadata too long for it.
std::vector<std::uint8_t> encode_picture(const Image& image, ImageFormat format,
                                         const EncodeOptions& options = {});
/// In the format of the name, written whole or not at all. Throws as encode_picture and
/// write_file_atomically.
void write_picture(const std::filesystem::path& path, const Image& image,
                   const EncodeOptions& options = {}, IfExists if_exists = IfExists::kReplace);

}  // namespace easel
