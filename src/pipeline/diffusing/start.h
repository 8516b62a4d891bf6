#pragma once

#include <optional>
#include <vector>

#include "pipeline/editing/canvas.h"
#include "pipeline/parts/latent_codec.h"

namespace easel {

/// What a run begins at instead of noise alone: a given picture, in latents. A value.
struct Start {
  Canvas canvas;
  LatentPosterior picture;     ///< of the canvas
  std::vector<float> repaint;  ///< [h, w], 1: drawn anew; empty: everywhere
  /// Under the mask is noise, or nothing.
  enum class Beneath { kPicture, kNoise, kNothing };
  Beneath beneath = Beneath::kPicture;
};

/// Encodes the canvas. Throws kWrongModel where the model has no encoder.
Start make_start(LatentCodec& codec, Canvas canvas, const Masking& how);

/// What of a batch of `count` stays, as KeptPart wants it: [count, C, h, w]; empty: nothing.
std::vector<float> kept_of(const Start& start, int channels, int count);

}  // namespace easel
