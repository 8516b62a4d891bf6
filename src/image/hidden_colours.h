#pragma once

#include <optional>

#include "image/image.h"

namespace easel {

/// A picture's colours where it is wholly transparent replaced by those of the nearest visible
/// pixels: what enlarges or resamples colours apart from alpha then draws no rim from colours that
/// nobody sees (most programs store black there). Nothing where there are no such pixels, or only
/// such.
std::optional<Image> with_hidden_colours_filled(const Image& picture);

}  // namespace easel
