#pragma once

#include <optional>
#include <string>

#include "atelier/enlarger.h"
#include "cli/places.h"

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

/// What enlarges pictures as they are drawn: `wanted` as UpscalerChoice::model, or "lanczos". Reads
/// the network; its name is the file's or folder's, without its path. Throws as Upscaler.
Enlarger open_enlarger(const std::string& wanted, const BackendOptions& backend,
                       const Places& places, const std::string& program);

}  // namespace easel::cli
