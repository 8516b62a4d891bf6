#include "models/embed_number.h"

#include <cmath>
#include <cstddef>

namespace easel {

void embed_number(float value, std::span<float> out) {
  const std::size_t half = out.size() / 2;
  const auto log_period = static_cast<float>(-std::log(10000.0));
  for (std::size_t i = 0; i < half; ++i) {
    const float frequency = std::exp(log_period * static_cast<float>(i) / static_cast<float>(half));
    const float angle = value * frequency;
    out[i] = std::cos(angle);
    out[half + i] = std::sin(angle);
  }
}

}  // namespace easel
