#pragma once

#include "image/image.h"

// Parts of 8-bit pictures.

namespace easel {

struct Rect {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;

  Image::Size size() const { return {.width = width, .height = height}; }
  bool operator==(const Rect&) const = default;
};

/// The part of a picture, which may reach beyond it: there its nearest pixels are repeated.
/// REQUIRES: 8 bits, a positive size
Image cropped(const Image& image, const Rect& part);
/// The same, where beyond its edges the picture is seen as in a mirror.
Image mirrored(const Image& image, const Rect& part);

/// `over` on `under` where the mask (8-bit gray, as large) says so; where it is 0 the samples of
/// `under` are kept, where it is 255 those of `over`. REQUIRES: equal sizes and channels
Image blended(const Image& under, const Image& over, const Image& mask);

/// `image` with `part` laid into it at x, y. REQUIRES: it lies within, equal channels
Image with_part(Image image, const Image& part, int x, int y);

}  // namespace easel
