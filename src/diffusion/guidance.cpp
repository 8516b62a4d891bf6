#include "diffusion/guidance.h"

#include <cassert>
#include <cmath>

namespace easel {
namespace {

double deviation(std::span<const float> values) {
  double sum = 0, squares = 0;
  for (const float value : values) sum += value;
  const double mean = sum / static_cast<double>(values.size());
  for (const float value : values) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

}  // namespace

void rescale_guidance(std::span<const float> conditional, float phi, std::size_t pictures,
                      std::span<float> guided) {
  assert(conditional.size() == guided.size() && pictures > 0);
  if (phi == 0) return;
  const std::size_t size = guided.size() / pictures;
  for (std::size_t b = 0; b < pictures; ++b) {
    const auto picture = guided.subspan(b * size, size);
    const double loud = deviation(picture);
    if (!(loud > 0)) continue;
    const double ratio = deviation(conditional.subspan(b * size, size)) / loud;
    const auto factor = static_cast<float>(phi * ratio + (1 - phi));
    for (float& value : picture) value *= factor;
  }
}

void guidance_embedding(double scale, std::span<float> out) {
  assert(out.size() >= 4 && out.size() % 2 == 0);
  const std::size_t half = out.size() / 2;
  const auto step = static_cast<float>(-std::log(10000.0) / static_cast<double>(half - 1));
  const float w = static_cast<float>(scale - 1) * 1000.0f;
  for (std::size_t i = 0; i < half; ++i) {
    const float angle = w * std::exp(static_cast<float>(i) * step);
    out[i] = std::sin(angle);
    out[half + i] = std::cos(angle);
  }
}

}  // namespace easel
