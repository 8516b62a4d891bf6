#include "pipeline/editing/latent_mask.h"

#include <cassert>
#include <cmath>
#include <cstddef>

#include "image/pillow_resize.h"

namespace easel {

std::vector<float> latent_mask(const Image& mask, int factor) {
  const Image small =
      resize_as_pillow(mask, {.width = mask.width() / factor, .height = mask.height() / factor},
                       PillowFilter::kBicubic);
  std::vector<float> repainted;
  for (const std::uint8_t sample : small.samples8()) {
    repainted.push_back(std::round(static_cast<float>(sample) / 255.0f));
  }
  return repainted;
}

SeenByInpainting seen_by_inpainting(LatentCodec& codec, const Image& picture, const Image& mask) {
  assert(picture.size() == mask.size());
  const auto cut = [&](std::size_t pixel) { return mask.samples8()[pixel] >= 128; };
  std::vector<float> pixels = pixels_of(picture);
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    if (cut(i / 3)) pixels[i] = 0;
  }
  SeenByInpainting seen{.mask = {}, .picture = codec.posterior(pixels, picture.size())};
  const int factor = codec.facts().factor;
  for (int y = 0; y < mask.height(); y += factor) {
    for (int x = 0; x < mask.width(); x += factor) {
      seen.mask.push_back(
          cut(static_cast<std::size_t>(y) * mask.stride() + static_cast<std::size_t>(x)) ? 1.0f
                                                                                         : 0.0f);
    }
  }
  return seen;
}

}  // namespace easel
