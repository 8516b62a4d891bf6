#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "image/image.h"
#include "nn/edges.h"
#include "pipeline/parts/model_part.h"

namespace easel {

struct LatentFacts {
  int channels = 4;  ///< of a latent; a denoiser may take more
  int factor = 8;    ///< pixels a latent's side
  double scale = 1;  ///< the autoencoder's own latents times this are the denoiser's
};

/// A normal distribution over latents [C, h, w], in the denoiser's scaling.
struct LatentPosterior {
  std::vector<float> mean;
  std::vector<float> deviation;
};

/// `noise`, standard normal, becomes a draw from the posterior.
void sample_posterior(const LatentPosterior& posterior, std::span<float> noise);

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
  /// Pixels [H, W, 3] in [-1, 1] -> what the encoder knows of their latent. Throws kWrongModel when
  /// the model has no encoder, kUsage for sides that the factor does not divide.
  /// REQUIRES: as many values as the size has
  virtual LatentPosterior posterior(std::span<const float> pixels, Image::Size size) = 0;
  /// An 8-bit RGB picture -> the mean of its latent [C, h, w]. Throws as posterior() and kUsage for
  /// another kind of picture.
  std::vector<float> encode(const Image& picture);

  /// What its convolutions see beyond a picture's edges from now on.
  virtual void set_edges(Edges edges) = 0;

  /// Bytes of activations when so many pictures are decoded together.
  virtual std::int64_t activations(int pictures, int latent_pixels) const = 0;
};

/// An 8-bit RGB picture as pixels [h, w, 3] in [-1, 1]. Throws kUsage for another kind of picture.
std::vector<float> pixels_of(const Image& picture);

/// Decoded pixels [h, w, 3] of one picture as planes [3, h, w].
std::vector<float> planes_of(std::span<const float> pixels);

}  // namespace easel
