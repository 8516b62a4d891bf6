#include "diffusion/channels_last_noise.h"

#include <cassert>
#include <cstddef>

namespace easel {

void ChannelsLastNoise::draw(std::span<float> out) {
  assert(std::ssize(out) == shape_.elements());
  const auto pixels = static_cast<std::size_t>(shape_.height * shape_.width);
  const auto channels = static_cast<std::size_t>(shape_.channels);
  for (std::size_t first = 0; first < out.size(); first += channels * pixels) {
    for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
      for (std::size_t channel = 0; channel < channels; ++channel) {
        rng_.normal(out.subspan(first + channel * pixels + pixel, 1));
      }
    }
  }
}

}  // namespace easel
