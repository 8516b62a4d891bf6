#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "backend/registry/registry.h"
#include "core/cancel.h"
#include "image/image.h"

namespace easel {

/// Where an upscaler lies.
struct UpscalerLocation {
  /// A file of a family that enlarges, in any of its dialects, or a folder that holds one.
  std::filesystem::path path;
  /// A second one of the same shape, mixed in: its share of the weights, 0 to 1.
  struct Blend {
    std::filesystem::path path;
    double share = 0.5;
  };
  std::optional<Blend> blend;
};

struct UpscalerOptions {
  BackendOptions backend;
  /// Bytes that weights and activations may take; 0: what the system says is available.
  std::int64_t memory_limit = 0;
};

struct UpscalerInfo {
  std::string name;          ///< the file's or folder's name
  std::string description;   ///< "RRDBNet, 23 blocks, 64 features"
  int scale = 4;             ///< the network's own
  int receptive_radius = 0;  ///< input pixels to each side that an output pixel depends on
  std::int64_t parameters = 0;
};

struct UpscaleRequest {
  /// How much larger each side becomes; 0: the network's own factor. Another one is reached by
  /// Lanczos resampling after the network.
  double scale = 0;
  /// Side of a tile in input pixels; 0: chosen from memory, the whole picture where it fits.
  int tile = 0;
  /// Input pixels by which tiles look beyond themselves. The receptive radius leaves no seam at
  /// all; absent: a default whose seams nobody sees.
  std::optional<int> overlap;
};

struct UpscaleHooks {
  /// Tiles done, of how many, and seconds since the beginning.
  std::function<void(int done, int total, double seconds)> on_tile;
  /// Looked at before every tile; upscale() then throws kCancelled.
  const CancelToken* cancel = nullptr;
};

/// Enlarges pictures with a network: 8 or 16 bits, gray, RGB, or RGB with alpha (which
/// is enlarged apart). Same picture, same request, same machine: the same bytes, for any number of
/// threads.
///
/// Thread rule: one call at a time.
class Upscaler {
 public:
  /// Reads the weights. Throws kNotFound, kInvalidFile, kWrongModel (with what the file is and what
  /// would work), kUnsupported, kIo.
  Upscaler(const UpscalerLocation& location, const UpscalerOptions& options);
  ~Upscaler();
  Upscaler(const Upscaler&) = delete;
  Upscaler& operator=(const Upscaler&) = delete;

  const UpscalerInfo& info() const;
  const Backend& backend() const;

  /// Throws kUsage for a request that cannot be met, kNoMemory with the bytes needed, kCancelled.
  Image upscale(const Image& picture, const UpscaleRequest& request = {},
                const UpscaleHooks& hooks = {});

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace easel
