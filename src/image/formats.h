#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "image/codec.h"
#include "image/facts.h"

// The three formats behind codec.h; each throws as it says there.

namespace easel::formats {

PictureFacts png_facts(std::span<const std::uint8_t> bytes, std::string_view name,
                       DecodeLimits limits);
Picture decode_png(std::span<const std::uint8_t> bytes, std::string_view name, DecodeLimits limits);
std::vector<std::uint8_t> encode_png(const Image& image, const EncodeOptions& options);

PictureFacts jpeg_facts(std::span<const std::uint8_t> bytes, std::string_view name,
                        DecodeLimits limits);
Picture decode_jpeg(std::span<const std::uint8_t> bytes, std::string_view name,
                    DecodeLimits limits);
std::vector<std::uint8_t> encode_jpeg(const Image& image, const EncodeOptions& options);
std::vector<std::string> jpeg_left_out(const ImageMetadata& metadata);
/// Under which a JPEG's comment is kept in ImageMetadata::texts.
inline constexpr std::string_view kJpegCommentKey = "Comment";

PictureFacts webp_facts(std::span<const std::uint8_t> bytes, std::string_view name,
                        DecodeLimits limits);
Picture decode_webp(std::span<const std::uint8_t> bytes, std::string_view name,
                    DecodeLimits limits);
std::vector<std::uint8_t> encode_webp(const Image& image, const EncodeOptions& options);

/// A colour profile where it is one for pictures of so many channels, else nothing.
std::span<const std::uint8_t> fitting_profile(std::span<const std::uint8_t> icc, int channels);

[[noreturn]] void refuse_animation(ImageFormat format, std::string_view name);

/// Throws kInvalidFile when there are no pixels or too many.
void check_size(std::int64_t width, std::int64_t height, std::string_view name,
                DecodeLimits limits);

}  // namespace easel::formats
