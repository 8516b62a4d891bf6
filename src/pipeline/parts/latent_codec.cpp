#include "pipeline/parts/latent_codec.h"

#include <algorithm>
#include <cassert>

#include "core/error.h"

namespace easel {

void sample_posterior(const LatentPosterior& posterior, std::span<float> noise) {
  assert(noise.size() == posterior.mean.size());
  for (std::size_t i = 0; i < noise.size(); ++i) {
    noise[i] = posterior.mean[i] + posterior.deviation[i] * noise[i];
  }
}

std::vector<float> pixels_of(const Image& picture) {
  if (picture.bits() != 8 || picture.channels() != 3) {
    fail(ErrorCode::kUsage, "the picture has {} channels of {} bits, wanted 3 of 8",
         picture.channels(), picture.bits());
  }
  std::vector<float> pixels(picture.samples());
  std::ranges::transform(picture.samples8(), pixels.begin(), [](std::uint8_t sample) {
    return static_cast<float>(sample) / 127.5f - 1.0f;
  });
  return pixels;
}

std::vector<float> LatentCodec::encode(const Image& picture) {
  return posterior(pixels_of(picture), picture.size()).mean;
}

std::vector<float> planes_of(std::span<const float> pixels) {
  const std::size_t count = pixels.size() / 3;
  std::vector<float> planes(pixels.size());
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t k = 0; k < 3; ++k) planes[k * count + i] = pixels[3 * i + k];
  }
  return planes;
}

}  // namespace easel
