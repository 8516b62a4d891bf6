#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "image/image.h"
#include "pipeline/parts/model_part.h"

namespace easel {

struct LatentFacts {
  int channels = 4;  ///< of a latent; a denoiser may take more
  int factor = 8;    ///< pixels a latent's side
};

/// Latents, in the denoiser's scaling, to pictures and back.
class LatentCodec : public ModelPart {
 public:
  virtual LatentFacts facts() const = 0;

  struct Size {
    int count = 1;
    int height = 0;
    int width = 0;  ///< of the latents
  };
  /// Latents [count, C, h, w] -> decoded pixels [count, f h, f w, 3] in about [-1, 1], on
  /// the host.
  virtual std::vector<float> decode(std::span<const float> latents, const Size& size) = 0;
  /// An 8-bit RGB picture -> the mean of its latent [C, h, w]. Throws kWrongModel when the model
  /// has no encoder, kUsage for another kind of picture or sides that the factor does not divide.
  virtual std::vector<float> encode(const Image& picture) = 0;

  /// Bytes of activations when so many pictures are decoded together.
  virtual std::int64_t activations(int pictures, int latent_pixels) const = 0;
};

/// Decoded pixels [h, w, 3] of one picture as planes [3, h, w].
std::vector<float> planes_of(std::span<const float> pixels);

}  // namespace easel
