#pragma once

#include "backend/backend.h"
#include "core/tensor.h"
#include "models/unet.h"
#include "pipeline/diffusing/start.h"

namespace easel {

/// What a denoiser with more channels than a latent was trained to see beside it.
enum class SeesBeside {
  kNothing,
  kMaskedPicture,  ///< a mask, and the latent of a picture with the mask cut out (inpainting)
  kPicture,        ///< the latent of a picture, not scaled, by which it is guided too (pix2pix)
};
/// By the number of channels. Throws kUnsupported for another number.
SeesBeside seen_beside(const UNetConfig& unet, const LatentFacts& latent);

/// For pictures of `size`, [1, h, w, …]; empty where nothing is seen. Without a start an inpainting
/// network is shown what AUTOMATIC1111 shows it: all of a light gray picture to be painted anew.
/// Throws kUsage where there must be a start.
Tensor make_beside(Backend& backend, LatentCodec& codec, SeesBeside what, const Start* start,
                   Image::Size size);

}  // namespace easel
