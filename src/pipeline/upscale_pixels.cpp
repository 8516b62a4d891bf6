#include "pipeline/upscale_pixels.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace easel {

std::vector<Pass> passes_of(const Image& image, int network_channels) {
  if (network_channels == 1) {
    std::vector<Pass> passes;
    for (int channel = 0; channel < image.channels(); ++channel) passes.push_back({channel});
    return passes;
  }
  Pass colours = image.channels() == 1 ? Pass{0, 0, 0} : Pass{0, 1, 2};
  if (network_channels == 4) {
    colours.push_back(image.channels() == 4 ? 3 : kOpaque);
    return {colours};
  }
  if (image.channels() == 4) return {colours, {3, 3, 3}};
  return {colours};
}

int reflected(int i, int size) {
  if (size == 1) return 0;
  const int period = 2 * (size - 1);
  i %= period;
  return i < size ? i : period - i;
}

float sample(const Image& image, int x, int y, int channel) {
  const std::size_t at = static_cast<std::size_t>(y) * image.stride() +
                         static_cast<std::size_t>(x * image.channels() + channel);
  return image.bits() == 8 ? static_cast<float>(image.samples8()[at]) / 255.0f
                           : static_cast<float>(image.samples16()[at]) / 65535.0f;
}

void set_sample(Image& image, int x, int y, int channel, float value) {
  const std::size_t at = static_cast<std::size_t>(y) * image.stride() +
                         static_cast<std::size_t>(x * image.channels() + channel);
  const float unit = value > 0 ? std::min(value, 1.0f) : 0.0f;  // NaN becomes 0
  if (image.bits() == 8) {
    image.samples8()[at] = static_cast<std::uint8_t>(std::lround(unit * 255.0f));
  } else {
    image.samples16()[at] = static_cast<std::uint16_t>(std::lround(unit * 65535.0f));
  }
}

}  // namespace easel
