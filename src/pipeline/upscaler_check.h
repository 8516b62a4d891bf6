#pragma once

#include <filesystem>
#include <string>

namespace easel {

/// What an upscaler is, from its names and shapes.
struct UpscalerFacts {
  std::string description;  ///< "RRDBNet, 23 blocks, 64 features"
  int scale = 4;
  int channels = 3;  ///< of the pictures that it was made for: 1, 3 or 4
};

/// Everything that would make Upscaler refuse a file is met here too, and none of its weights read.
/// Throws as Upscaler.
UpscalerFacts check_upscaler(const std::filesystem::path& path);

}  // namespace easel
