#include "image/pillow_resize.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

namespace easel {
namespace {

constexpr int kWeightBits = 22;

double bilinear(double x) { return std::max(0.0, 1 - std::abs(x)); }

double bicubic(double x) {  // a = -0.5
  x = std::abs(x);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

double pillow_sinc(double x) {
  return x == 0 ? 1 : std::sin(x * std::numbers::pi) / (x * std::numbers::pi);
}

double lanczos(double x) { return -3 <= x && x < 3 ? pillow_sinc(x) * pillow_sinc(x / 3) : 0; }

struct Filter {
  double reach;
  double (*at)(double);
};

Filter filter_of(PillowFilter filter) {
  switch (filter) {
    case PillowFilter::kBilinear:
      return {1, bilinear};
    case PillowFilter::kBicubic:
      return {2, bicubic};
    case PillowFilter::kLanczos:
      break;
  }
  return {3, lanczos};
}

// The whole-number weights of one output sample.
struct PillowTap {
  int first = 0;
  std::vector<std::int32_t> weights;
};

std::vector<PillowTap> pillow_taps(int from, int to, const Filter& filter) {
  const double scale = static_cast<double>(from) / to;
  const double stretch = std::max(scale, 1.0);
  const double reach = filter.reach * stretch;
  std::vector<PillowTap> taps;
  for (int i = 0; i < to; ++i) {
    const double centre = (i + 0.5) * scale;
    PillowTap tap{.first = std::max(0, static_cast<int>(centre - reach + 0.5)), .weights = {}};
    const int end = std::min(from, static_cast<int>(centre + reach + 0.5));
    std::vector<double> exact;
    double sum = 0;
    for (int k = tap.first; k < end; ++k) {
      exact.push_back(filter.at((k - centre + 0.5) / stretch));
      sum += exact.back();
    }
    for (const double weight : exact) {
      const double scaled = weight / sum * (1 << kWeightBits);
      tap.weights.push_back(static_cast<std::int32_t>(scaled < 0 ? scaled - 0.5 : scaled + 0.5));
    }
    taps.push_back(std::move(tap));
  }
  return taps;
}

std::uint8_t weighted(const PillowTap& tap, const std::uint8_t* samples, std::size_t step) {
  std::int32_t sum = 1 << (kWeightBits - 1);
  samples += static_cast<std::size_t>(tap.first) * step;
  for (const std::int32_t weight : tap.weights) {
    sum += weight * *samples;
    samples += step;
  }
  return static_cast<std::uint8_t>(std::clamp(sum >> kWeightBits, 0, 255));
}

Image with_width(const Image& image, int width, const Filter& filter) {
  const auto taps = pillow_taps(image.width(), width, filter);
  Image out({.width = width, .height = image.height()}, image.channels());
  const auto channels = static_cast<std::size_t>(image.channels());
  for (int y = 0; y < image.height(); ++y) {
    const std::uint8_t* in = image.row8(y).data();
    std::uint8_t* to = out.row8(y).data();
    for (const PillowTap& tap : taps) {
      for (std::size_t c = 0; c < channels; ++c) *to++ = weighted(tap, in + c, channels);
    }
  }
  return out;
}

Image with_height(const Image& image, int height, const Filter& filter) {
  const auto taps = pillow_taps(image.height(), height, filter);
  Image out({.width = image.width(), .height = height}, image.channels());
  for (int y = 0; y < height; ++y) {
    const std::uint8_t* in = image.samples8().data();
    for (std::uint8_t& sample : out.row8(y)) {
      sample = weighted(taps[static_cast<std::size_t>(y)], in++, image.stride());
    }
  }
  return out;
}

}  // namespace

Image resize_as_pillow(const Image& image, Image::Size size, PillowFilter filter) {
  assert(image.bits() == 8 && !image.has_alpha() && size.width > 0 && size.height > 0);
  const Filter how = filter_of(filter);
  Image out = size.width == image.width() ? image : with_width(image, size.width, how);
  return size.height == out.height() ? out : with_height(out, size.height, how);
}

}  // namespace easel
