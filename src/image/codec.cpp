#include "image/codec.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

#include "core/error.h"
#include "image/formats.h"
#include "image/hidden_text.h"

namespace easel {
namespace formats {

void check_size(std::int64_t width, std::int64_t height, std::string_view name,
                DecodeLimits limits) {
  if (width <= 0 || height <= 0) {
    fail(ErrorCode::kInvalidFile, "{} has no pixels: {} x {}", name, width, height);
  }
  if (width > limits.max_pixels || height > limits.max_pixels / width) {
    fail(ErrorCode::kInvalidFile, "{} is too large: {} x {} pixels, at most {} million are read",
         name, width, height, limits.max_pixels / 1'000'000);
  }
}

// Where an ICC profile says which colours it is for (ICC.1:2022, 7.2.6).
std::span<const std::uint8_t> fitting_profile(std::span<const std::uint8_t> icc, int channels) {
  constexpr std::size_t kAt = 16, kSize = 4, kHeader = 128;
  if (icc.size() < kHeader) return {};
  const std::string_view space{reinterpret_cast<const char*>(icc.data()) + kAt, kSize};
  return space == (channels == 1 ? "GRAY" : "RGB ") ? icc : std::span<const std::uint8_t>();
}

void refuse_animation(ImageFormat format, std::string_view name) {
  fail(ErrorCode::kUnsupported, "the {} {} is animated: save one of its pictures", name_of(format),
       name);
}

}  // namespace formats

std::string_view name_of(ImageFormat format) {
  switch (format) {
    case ImageFormat::kPng:
      return "PNG";
    case ImageFormat::kJpeg:
      return "JPEG";
    case ImageFormat::kWebp:
      return "WebP";
  }
  return "?";
}

std::string_view media_type_of(ImageFormat format) {
  switch (format) {
    case ImageFormat::kPng:
      return "image/png";
    case ImageFormat::kJpeg:
      return "image/jpeg";
    case ImageFormat::kWebp:
      return "image/webp";
  }
  return "?";
}

std::optional<ImageFormat> detect_format(std::span<const std::uint8_t> bytes) {
  const std::string_view text{reinterpret_cast<const char*>(bytes.data()),
                              std::min<std::size_t>(bytes.size(), 16)};
  if (text.starts_with("\x89PNG\r\n\x1a\n")) return ImageFormat::kPng;
  if (text.starts_with("\xff\xd8\xff")) return ImageFormat::kJpeg;
  if (text.starts_with("RIFF") && text.size() >= 12 && text.substr(8, 4) == "WEBP") {
    return ImageFormat::kWebp;
  }
  return std::nullopt;
}

ImageFormat format_for(const std::filesystem::path& path) {
  std::string ending = path.extension().string();
  for (char& c : ending) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  constexpr std::string_view kJpegs[] = {".jpg", ".jpeg", ".jpe", ".jfif",
                                         ".jif", ".jfi",  ".pjp", ".pjpeg"};
  if (ending == ".png" || ending == ".apng") return ImageFormat::kPng;
  if (std::ranges::find(kJpegs, ending) != std::end(kJpegs)) return ImageFormat::kJpeg;
  if (ending == ".webp") return ImageFormat::kWebp;
  fail(ErrorCode::kUsage, "the name {} does not say which kind of picture: .png, .jpg or .webp",
       path.string());
}

namespace {

ImageFormat known_format(std::span<const std::uint8_t> bytes, std::string_view name) {
  const auto format = detect_format(bytes);
  if (!format) fail(ErrorCode::kUnsupported, "{} is no PNG, JPEG or WebP picture", name);
  return *format;
}

}  // namespace

std::vector<std::uint8_t> read_picture_bytes(const std::filesystem::path& path,
                                             DecodeLimits limits) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    fail(ErrorCode::kIo, "could not read {}: it is a folder", path.string());
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    const int reason = errno;
    fail(reason == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo, "could not open {}: {}",
         path.string(), std::generic_category().message(reason));
  }
  // The largest sound picture: all pixels as 16-bit RGBA, nothing saved by compression.
  const auto most = static_cast<std::size_t>(limits.max_pixels) * 8 + (std::size_t{64} << 20);
  std::vector<std::uint8_t> bytes;
  std::vector<char> piece(std::size_t{1} << 16);
  while (file.read(piece.data(), std::ssize(piece)) || file.gcount() > 0) {
    bytes.insert(bytes.end(), piece.begin(), piece.begin() + file.gcount());
    if (bytes.size() > most) {
      fail(ErrorCode::kInvalidFile, "{} is too large for a picture", path.string());
    }
  }
  if (file.bad()) fail(ErrorCode::kIo, "could not read {}", path.string());
  return bytes;
}

namespace {

PictureFacts facts_in_headers(ImageFormat format, std::span<const std::uint8_t> bytes,
                              std::string_view name, DecodeLimits limits) {
  switch (format) {
    case ImageFormat::kPng:
      return formats::png_facts(bytes, name, limits);
    case ImageFormat::kJpeg:
      return formats::jpeg_facts(bytes, name, limits);
    case ImageFormat::kWebp:
      return formats::webp_facts(bytes, name, limits);
  }
  return {};
}

Picture decode_pixels(ImageFormat format, std::span<const std::uint8_t> bytes,
                      std::string_view name, DecodeLimits limits) {
  switch (format) {
    case ImageFormat::kPng:
      return formats::decode_png(bytes, name, limits);
    case ImageFormat::kJpeg:
      return formats::decode_jpeg(bytes, name, limits);
    case ImageFormat::kWebp:
      return formats::decode_webp(bytes, name, limits);
  }
  return {};
}

}  // namespace

PictureFacts facts_of_picture(std::span<const std::uint8_t> bytes, std::string_view name,
                              DecodeLimits limits) {
  const ImageFormat format = known_format(bytes, name);
  PictureFacts facts = facts_in_headers(format, bytes, name, limits);
  if (facts.is_animated || !formats::may_hide_text(facts.channels, facts.bits, facts.metadata))
    return facts;
  try {
    formats::take_hidden_text(decode_pixels(format, bytes, name, limits).image, facts.metadata);
  } catch (const Error&) {  // who wants the pixels will hear of it
  }
  return facts;
}

PictureFacts read_picture_facts(const std::filesystem::path& path, DecodeLimits limits) {
  return facts_of_picture(read_picture_bytes(path, limits), path.string(), limits);
}

Picture decode_picture(std::span<const std::uint8_t> bytes, std::string_view name,
                       DecodeLimits limits) {
  Picture picture = decode_pixels(known_format(bytes, name), bytes, name, limits);
  formats::take_hidden_text(picture.image, picture.metadata);
  return picture;
}

Picture read_picture(const std::filesystem::path& path, DecodeLimits limits) {
  return decode_picture(read_picture_bytes(path, limits), path.string(), limits);
}

std::vector<std::uint8_t> encode_picture(const Image& image, ImageFormat format,
                                         const EncodeOptions& options) {
  switch (format) {
    case ImageFormat::kPng:
      return formats::encode_png(image, options);
    case ImageFormat::kJpeg:
      return formats::encode_jpeg(image, options);
    case ImageFormat::kWebp:
      return formats::encode_webp(image, options);
  }
  return {};
}

std::vector<std::string> left_out(const ImageMetadata& metadata, ImageFormat format) {
  return format == ImageFormat::kJpeg ? formats::jpeg_left_out(metadata)
                                      : std::vector<std::string>();
}

void write_picture(const std::filesystem::path& path, const Image& image,
                   const EncodeOptions& options, IfExists if_exists) {
  const auto bytes = encode_picture(image, format_for(path), options);
  write_file_atomically(path, std::as_bytes(std::span(bytes)), if_exists);
}

}  // namespace easel
