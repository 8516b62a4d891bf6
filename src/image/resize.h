#pragma once

#include "image/image.h"

namespace easel {

enum class Resampling {
  kNearest,
  kBox,      ///< the mean of the pixels covered
  kLanczos,  ///< Lanczos with three lobes, widened when shrinking
};

/// To another size, in the samples' own gamma. Channels and bits stay; colour is weighted by alpha
/// where there is alpha. REQUIRES: positive size
Image resize(const Image& image, Image::Size size, Resampling method);

/// The largest size within `bounds` that keeps the picture's proportions, never larger than it.
Image::Size fit_within(Image::Size size, Image::Size bounds);

}  // namespace easel
