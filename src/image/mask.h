#pragma once

#include <optional>

#include "image/image.h"
#include "image/region.h"

// Masks: 8-bit gray, 255 where something is to be done, 0 where nothing is.

namespace easel {

/// How light a picture is (ITU-R 601, as Pillow's "L"); what is transparent in it is black.
Image mask_of(const Image& picture);
/// Where a picture is transparent; nothing when it is nowhere.
std::optional<Image> transparency_of(const Image& picture);
Image inverted(Image mask);
/// Every value the largest within so many pixels to each side.
Image widened(const Image& mask, int pixels);
/// Deviations of a Gaussian, in pixels; 0: not that way.
struct Deviations {
  int x = 0;
  int y = 0;
};
/// By a Gaussian, cut off at two and a half of its deviation, as AUTOMATIC1111 blurs.
Image blurred(const Image& mask, Deviations by);
Image blurred(const Image& mask, int deviation);  ///< alike both ways
/// The smallest rectangle around what is not 0; nothing when all is.
std::optional<Rect> bounds_of(const Image& mask);

/// A picture whose masked pixels are filled with the colours around them, blurred more and more
/// with the distance: means of four pixels, of four of these, …, taken from the finest that knows
/// any (pull-push: Gortler et al. 1996, "The Lumigraph", section 3.4). REQUIRES: RGB, 8 bits, as
/// large
Image filled_from_around(const Image& picture, const Image& mask);

}  // namespace easel
