#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "image/codec.h"

// The three formats behind codec.h; each throws as it says there.

namespace easel::formats {

Picture decode_png(std::span<const std::uint8_t> bytes, std::string_view name, DecodeLimits limits);
std::vector<std::uint8_t> encode_png(const Image& image, const EncodeOptions& options);

Picture decode_jpeg(std::span<const std::uint8_t> bytes, std::string_view name,
                    DecodeLimits limits);
std::vector<std::uint8_t> encode_jpeg(const Image& image, const EncodeOptions& options);

Picture decode_webp(std::span<const std::uint8_t> bytes, std::string_view name,
                    DecodeLimits limits);
std::vector<std::uint8_t> encode_webp(const Image& image, const EncodeOptions& options);

/// Throws kInvalidFile when there are no pixels or too many.
void check_size(std::int64_t width, std::int64_t height, std::string_view name,
                DecodeLimits limits);

}  // namespace easel::formats
