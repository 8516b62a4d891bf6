#include "pipeline/parts/latent_codec.h"

namespace easel {

std::vector<float> planes_of(std::span<const float> pixels) {
  const std::size_t count = pixels.size() / 3;
  std::vector<float> planes(pixels.size());
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t k = 0; k < 3; ++k) planes[k * count + i] = pixels[3 * i + k];
  }
  return planes;
}

}  // namespace easel
