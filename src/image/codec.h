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
/// By the name's ending, in any case: .png, .apng, .webp, and .jpg with its seven other spellings.
/// Throws kUsage naming the three.
ImageFormat format_for(const std::filesystem::path& path);

/// A text and the keyword under which a PNG keeps it.
struct NamedText {
  std::string key;
  std::string text;

  bool operator==(const NamedText&) const = default;
};

/// What a picture file carries besides its pixels. Texts are UTF-8.
struct ImageMetadata {
  std::vector<std::uint8_t> icc = {};  ///< colour profile, as in the file
  std::string parameters = {};         ///< AUTOMATIC1111's text: PNG "parameters", EXIF UserComment
  std::string easel = {};              ///< Easel's JSON: PNG "easel", EXIF MakerNote
  /// Other programs': PNG's other text chunks, a JPEG's comment, ComfyUI's texts in EXIF.
  std::vector<NamedText> texts = {};
  std::vector<std::uint8_t> exif = {};  ///< the camera's TIFF block, without "Exif\0\0"
  std::string xmp = {};                 ///< XMP packet
};

struct Picture {
  Image image;
  ImageMetadata metadata;
  ImageFormat format = ImageFormat::kPng;
  std::vector<std::string> notes = {};  ///< what was odd about the file, and cost no pixel
};

struct DecodeLimits {
  std::int64_t max_pixels = std::int64_t{32} << 20;
};

/// Throws kUnsupported for something that is no PNG, JPEG or WebP, for animation, and for JPEGs of
/// more than 8 bits; kInvalidFile for a broken or truncated file, or one with more pixels than the
/// limit. Palettes become RGB, CMYK becomes sRGB through the file's profile, 16-bit PNG stays
/// 16-bit, the orientation that EXIF says is applied. `name` is for messages.
Picture decode_picture(std::span<const std::uint8_t> bytes, std::string_view name = "the picture",
                       DecodeLimits limits = {});
/// A whole file that may be a picture. Throws kNotFound, kIo, and kInvalidFile for one that no
/// picture within the limits can be as large as.
std::vector<std::uint8_t> read_picture_bytes(const std::filesystem::path& path,
                                             DecodeLimits limits = {});
/// Throws kNotFound, kIo and as decode_picture.
Picture read_picture(const std::filesystem::path& path, DecodeLimits limits = {});

struct EncodeOptions {
  int quality = 95;       ///< JPEG and lossy WebP, 1 to 100
  bool lossless = false;  ///< WebP
  int compression = 6;    ///< PNG, 0 to 9
  ImageMetadata metadata = {};
};

/// JPEG lays alpha over white; JPEG and WebP round 16 bits to 8. EXIF is written with orientation
/// 1, the picture's size and no thumbnail. Throws kUsage for an image larger than the format can
/// hold, or parameters too long for it; of the other texts `left_out` says which a JPEG has no room
/// for.
std::vector<std::uint8_t> encode_picture(const Image& image, ImageFormat format,
                                         const EncodeOptions& options = {});
/// What encode_picture leaves out of the metadata, in words: "the text 'workflow'". Nothing as a
/// rule.
std::vector<std::string> left_out(const ImageMetadata& metadata, ImageFormat format);
/// In the format of the name, written whole or not at all. Throws as encode_picture and
/// write_file_atomically.
void write_picture(const std::filesystem::path& path, const Image& image,
                   const EncodeOptions& options = {}, IfExists if_exists = IfExists::kReplace);

}  // namespace easel
