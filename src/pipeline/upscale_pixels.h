#pragma once

#include <vector>

#include "image/image.h"

// How a picture's pixels go into an enlarging network and come out of it; for upscale.cpp.

namespace easel {

/// Which channels of the picture go through the network together, each as one of its own. kOpaque
/// stands for an alpha of 1, whose result is dropped.
inline constexpr int kOpaque = -1;
using Pass = std::vector<int>;

std::vector<Pass> passes_of(const Image& image, int network_channels);

/// Pixel i of a line that is continued beyond its end by reflection, without the last pixel twice.
int reflected(int i, int size);

/// From 0 to 1.
float sample(const Image& image, int x, int y, int channel);
/// Clipped to 0 to 1; NaN becomes 0.
void set_sample(Image& image, int x, int y, int channel, float value);

}  // namespace easel
