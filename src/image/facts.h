#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "image/codec.h"

namespace easel {

/// What a file says of its picture before any pixel is decoded. The size is as it is to be seen.
struct PictureFacts {
  ImageFormat format = ImageFormat::kPng;
  Image::Size size;
  int channels = 3;
  int bits = 8;
  ImageMetadata metadata = {};
  bool is_animated = false;
  std::vector<std::string> notes = {};  ///< as Picture's, of what stands beside the pixels
};

/// From the file's headers alone, of animations too; a picture with alpha that says nothing there
/// is decoded, as its alpha may (hidden_text.h). Work is bounded by the bytes: of texts only
/// those that are kept are unpacked, each once. Throws as decode_picture.
PictureFacts facts_of_picture(std::span<const std::uint8_t> bytes,
                              std::string_view name = "the picture", DecodeLimits limits = {});
/// Throws kNotFound, kIo and as decode_picture.
PictureFacts read_picture_facts(const std::filesystem::path& path, DecodeLimits limits = {});

}  // namespace easel
