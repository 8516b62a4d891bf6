#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/cancel.h"
#include "image/image.h"
#include "pipeline/upscale.h"
#include "recipe/recipe.h"

// What enlarges pictures, for commands, worker and matrix alike.

namespace easel {

/// Plain resampling, wherever an upscaler is named.
constexpr std::string_view kLanczosName = "lanczos";

/// Something that enlarges pictures.
struct Enlarger {
  std::string name;
  bool is_default = false;
  int scale = 0;  ///< of its network; 0: any
  /// To `factor` times the size. Throws kCancelled, and what reading a network throws.
  std::function<Image(const Image& image, double factor, const CancelToken* cancel)> run;
};

/// Lanczos resampling, which needs no model.
Enlarger lanczos_enlarger();

/// When a network's weights are read.
enum class Reading { kNow, kWhenNeeded };
/// Enlarges with a network; calls from several threads take turns. kNow throws as Upscaler.
Enlarger network_enlarger(std::string name, const UpscalerLocation& location,
                          const BackendOptions& backend, Reading reading);

/// Marks what enlarges where none is named: the one that came with Easel, where it did, else the
/// first. REQUIRES: there is one.
void choose_default(std::vector<Enlarger>& enlargers);

/// By name, the default for ""; null when there is none.
const Enlarger* find_enlarger(const std::vector<Enlarger>& enlargers, const std::string& name);
/// "esrgan, lanczos"
std::string names_of(const std::vector<Enlarger>& enlargers);

/// A drawn picture as its recipe wants it: enlarged, then resized to the exact result. `enlarger`
/// may be null where nothing is enlarged. Throws as Enlarger::run.
Image finished(const Image& drawn, const Enlarging& wanted, const Enlarger* enlarger,
               const CancelToken* cancel);

}  // namespace easel
