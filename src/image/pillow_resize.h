#pragma once

#include "image/image.h"

namespace easel {

enum class PillowFilter { kBilinear, kBicubic, kLanczos };

/// To another size as Pillow's Image.resize does it, to the last bit: weights rounded to 22 bits,
/// columns first, 8 bits in between. What the field's scripts give their models was resized so;
/// resize() (image/resize.h) is exacter. REQUIRES: 8 bits, no alpha, positive size
Image resize_as_pillow(const Image& image, Image::Size size, PillowFilter filter);

}  // namespace easel
