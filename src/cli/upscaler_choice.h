#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cli/places.h"
#include "core/cancel.h"
#include "image/image.h"
#include "pipeline/upscale.h"

namespace easel::cli {

/// Which upscaler a person asked for.
struct UpscalerChoice {
  std::string model;              ///< file, folder or installed name; empty: the one that ships
  std::string blend;              ///< "A:B:0.3", two upscalers of one shape, B's share last
  std::optional<double> denoise;  ///< 0 to 1: realesr-general-x4v3's share beside its sibling's
};

/// Where it lies. Throws kUsage for a blend that cannot be read or choices that exclude each other,
/// kNotFound.
UpscalerLocation location_of(const UpscalerChoice& choice, const Places& places,
                             const std::string& program);

/// Enlarges pictures as they are drawn: by a network, or by "lanczos", which needs none.
class DrawnEnlarger {
 public:
  struct Options {
    std::string wanted;  ///< an upscaler as in UpscalerChoice::model, or "lanczos"
    double factor = 2;
    BackendOptions backend;
  };

  /// Reads the network. Throws as Upscaler.
  DrawnEnlarger(const Options& options, const Places& places, const std::string& program);

  /// For the embedded settings: the file's or folder's name, without its path.
  const std::string& name() const { return name_; }
  double factor() const { return factor_; }
  /// Throws kCancelled, kNoMemory.
  Image run(const Image& image, const CancelToken& cancel);

 private:
  double factor_;
  std::unique_ptr<Upscaler> network_;  // none: Lanczos
  std::string name_;
};

}  // namespace easel::cli
