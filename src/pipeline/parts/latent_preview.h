#pragma once

#include <span>
#include <vector>

#include "image/image.h"

namespace easel {

/// A linear map from latents to colours: a picture the size of the latent, at no cost worth
/// naming. A value; store `matrix` to keep it.
struct LatentPreview {
  int channels = 0;
  /// [3, channels + 1]: colour = matrix * (latent, 1), in [-1, 1].
  std::vector<float> matrix;

  /// The picture of one latent [channels, height, width]. REQUIRES: that many values.
  Image render(std::span<const float> latent, int height, int width) const;
};

/// The map with the least squared error over samples: latents [n, channels], colours [n, 3].
LatentPreview fit_latent_preview(std::span<const float> latents, std::span<const float> colours,
                                 int channels);

}  // namespace easel
