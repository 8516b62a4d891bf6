#pragma once

#include <span>
#include <vector>

#include "image/image.h"
#include "pipeline/parts/latent_codec.h"

// A mask of pixels (8-bit gray, 255: to be painted anew) as networks and samplers are told it.

namespace easel {

/// How much of each latent is painted anew, [h, w], 0 or 1: the mask made smaller by Pillow's
/// bicubic filter and rounded, as AUTOMATIC1111 blends. REQUIRES: sides that the factor divides
std::vector<float> latent_mask(const Image& mask, int factor);

/// What a network that was trained to inpaint sees beside the latents (Stability's inpainting.py):
/// the mask at the latents' size by its nearest pixels, 0 or 1, and the latent of the picture with
/// the mask cut out, [1 + C, h, w].
struct SeenByInpainting {
  std::vector<float> mask;  ///< [1, h, w]
  LatentPosterior picture;  ///< of the picture with its masked pixels gray
};
SeenByInpainting seen_by_inpainting(LatentCodec& codec, const Image& picture, const Image& mask);

}  // namespace easel
