#include "image/resize.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>

namespace easel {
namespace {

double box(double x) { return x > -0.5 && x <= 0.5 ? 1 : 0; }

double sinc(double x) {
  if (x == 0) return 1;
  const double angle = std::numbers::pi * x;
  return std::sin(angle) / angle;
}

double lanczos3(double x) { return std::abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0; }

// The weights by which one output sample is made of a run of input samples.
struct Tap {
  int first = 0;
  std::vector<float> weights;
};

// A filter of the given reach around each output sample's centre, widened by the factor of
// shrinking; at the edges what falls outside is left out and the rest made whole.
std::vector<Tap> make_taps(int from, int to, double reach, double (*filter)(double)) {
  const double scale = static_cast<double>(from) / to;
  const double stretch = std::max(scale, 1.0);
  std::vector<Tap> taps(static_cast<std::size_t>(to));
  for (int i = 0; i < to; ++i) {
    Tap& tap = taps[static_cast<std::size_t>(i)];
    const double centre = (i + 0.5) * scale;
    tap.first = std::max(0, static_cast<int>(centre - reach * stretch + 0.5));
    const int end = std::min(from, static_cast<int>(centre + reach * stretch + 0.5));
    double sum = 0;
    std::vector<double> weights;
    for (int k = tap.first; k < end; ++k) {
      weights.push_back(filter((k + 0.5 - centre) / stretch));
      sum += weights.back();
    }
    for (const double weight : weights) tap.weights.push_back(static_cast<float>(weight / sum));
  }
  return taps;
}

std::vector<Tap> nearest_taps(int from, int to) {
  std::vector<Tap> taps(static_cast<std::size_t>(to));
  for (int i = 0; i < to; ++i) {
    const auto at = static_cast<int>((2 * std::int64_t{i} + 1) * from / (2 * std::int64_t{to}));
    taps[static_cast<std::size_t>(i)] = {.first = at, .weights = {1.0f}};
  }
  return taps;
}

std::vector<Tap> taps_for(int from, int to, Resampling method) {
  switch (method) {
    case Resampling::kNearest:
      return nearest_taps(from, to);
    case Resampling::kBox:
      return make_taps(from, to, 0.5, box);
    case Resampling::kLanczos:
      return make_taps(from, to, 3, lanczos3);
  }
  return {};
}

// One row in [0, 1], colour multiplied by alpha so that hidden colour does not bleed.
void read_row(const Image& image, int y, std::span<float> out) {
  const std::size_t begin = static_cast<std::size_t>(y) * image.stride();
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = image.bits() == 16 ? static_cast<float>(image.samples16()[begin + i]) / 65535.0f
                                : static_cast<float>(image.samples8()[begin + i]) / 255.0f;
  }
  if (!image.has_alpha()) return;
  for (std::size_t i = 0; i < out.size(); i += 4) {
    for (std::size_t c = 0; c < 3; ++c) out[i + c] *= out[i + 3];
  }
}

void write_row(std::span<float> row, int y, Image& image) {
  for (std::size_t i = 0; image.has_alpha() && i < row.size(); i += 4) {
    if (row[i + 3] <= 0) continue;
    for (std::size_t c = 0; c < 3; ++c) row[i + c] /= row[i + 3];
  }
  const std::size_t begin = static_cast<std::size_t>(y) * image.stride();
  const float top = image.bits() == 16 ? 65535.0f : 255.0f;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const float value = std::clamp(row[i], 0.0f, 1.0f) * top + 0.5f;
    if (image.bits() == 16) {
      image.samples16()[begin + i] = static_cast<std::uint16_t>(value);
    } else {
      image.samples8()[begin + i] = static_cast<std::uint8_t>(value);
    }
  }
}

}  // namespace

Image resize(const Image& image, Image::Size size, Resampling method) {
  assert(size.width > 0 && size.height > 0 && !image.empty());
  if (size == image.size()) return image;
  const auto columns = taps_for(image.width(), size.width, method);
  const auto rows = taps_for(image.height(), size.height, method);
  const auto channels = static_cast<std::size_t>(image.channels());
  const std::size_t stride = static_cast<std::size_t>(size.width) * channels;

  std::vector<float> narrow(stride * static_cast<std::size_t>(image.height()));
  std::vector<float> row(image.stride());
  for (int y = 0; y < image.height(); ++y) {
    read_row(image, y, row);
    float* out = narrow.data() + static_cast<std::size_t>(y) * stride;
    for (const Tap& tap : columns) {
      for (std::size_t c = 0; c < channels; ++c) {
        const float* in = row.data() + static_cast<std::size_t>(tap.first) * channels + c;
        float sum = 0;
        for (const float weight : tap.weights) {
          sum += weight * *in;
          in += channels;
        }
        *out++ = sum;
      }
    }
  }

  Image result(size, image.channels(), image.bits());
  row.resize(stride);
  for (int y = 0; y < size.height; ++y) {
    const Tap& tap = rows[static_cast<std::size_t>(y)];
    std::ranges::fill(row, 0.0f);
    for (std::size_t k = 0; k < tap.weights.size(); ++k) {
      const float* in = narrow.data() + (static_cast<std::size_t>(tap.first) + k) * stride;
      for (std::size_t i = 0; i < stride; ++i) row[i] += tap.weights[k] * in[i];
    }
    write_row(row, y, result);
  }
  return result;
}

Image::Size fit_within(Image::Size size, Image::Size bounds) {
  const double factor = std::min({1.0, static_cast<double>(bounds.width) / size.width,
                                  static_cast<double>(bounds.height) / size.height});
  return {std::max(1, static_cast<int>(std::lround(size.width * factor))),
          std::max(1, static_cast<int>(std::lround(size.height * factor)))};
}

}  // namespace easel
