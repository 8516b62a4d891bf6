#include "pipeline/parts/latent_preview.h"

#include <cassert>
#include <cmath>
#include <cstddef>

#include "core/error.h"

namespace easel {
namespace {

// Solves a x = b for several right-hand sides at once by Cholesky's decomposition; a [n, n] is
// symmetric and positive definite, b [n, m] becomes x.
void solve(std::vector<double>& a, std::vector<double>& b, std::size_t n, std::size_t m) {
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t i = j; i < n; ++i) {
      double sum = a[i * n + j];
      for (std::size_t k = 0; k < j; ++k) sum -= a[i * n + k] * a[j * n + k];
      a[i * n + j] = i == j ? std::sqrt(sum) : sum / a[j * n + j];
    }
  }
  for (std::size_t c = 0; c < m; ++c) {
    for (std::size_t i = 0; i < n; ++i) {
      double sum = b[i * m + c];
      for (std::size_t k = 0; k < i; ++k) sum -= a[i * n + k] * b[k * m + c];
      b[i * m + c] = sum / a[i * n + i];
    }
    for (std::size_t i = n; i-- > 0;) {
      double sum = b[i * m + c];
      for (std::size_t k = i + 1; k < n; ++k) sum -= a[k * n + i] * b[k * m + c];
      b[i * m + c] = sum / a[i * n + i];
    }
  }
}

}  // namespace

LatentPreview fit_latent_preview(std::span<const float> latents, std::span<const float> colours,
                                 int channels) {
  const auto terms = static_cast<std::size_t>(channels) + 1;
  const std::size_t samples = latents.size() / static_cast<std::size_t>(channels);
  assert(colours.size() == samples * 3);
  std::vector<double> normal(terms * terms), right(terms * 3), row(terms, 1.0);
  for (std::size_t s = 0; s < samples; ++s) {
    for (std::size_t c = 0; c + 1 < terms; ++c) row[c] = latents[s * (terms - 1) + c];
    for (std::size_t i = 0; i < terms; ++i) {
      for (std::size_t j = 0; j < terms; ++j) normal[i * terms + j] += row[i] * row[j];
      for (std::size_t k = 0; k < 3; ++k) right[i * 3 + k] += row[i] * colours[s * 3 + k];
    }
  }
  // A trace of ridge regression, for channels that never vary.
  for (std::size_t i = 0; i < terms; ++i) {
    normal[i * terms + i] += 1e-6 * static_cast<double>(samples) + 1e-12;
  }
  solve(normal, right, terms, 3);

  LatentPreview preview{.channels = channels, .matrix = std::vector<float>(3 * terms)};
  for (std::size_t k = 0; k < 3; ++k) {
    for (std::size_t i = 0; i < terms; ++i) {
      preview.matrix[k * terms + i] = static_cast<float>(right[i * 3 + k]);
    }
  }
  return preview;
}

Image LatentPreview::render(std::span<const float> latent, int height, int width) const {
  const auto pixels = static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
  const auto terms = static_cast<std::size_t>(channels) + 1;
  assert(latent.size() == pixels * (terms - 1) && matrix.size() == 3 * terms);
  std::vector<float> colours(pixels * 3);
  for (std::size_t p = 0; p < pixels; ++p) {
    for (std::size_t k = 0; k < 3; ++k) {
      const float* weights = matrix.data() + k * terms;
      float value = weights[terms - 1];
      for (std::size_t c = 0; c + 1 < terms; ++c) value += weights[c] * latent[c * pixels + p];
      colours[p * 3 + k] = value;
    }
  }
  return image_from_decoded(colours, {.width = width, .height = height});
}

}  // namespace easel
