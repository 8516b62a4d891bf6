#include "pipeline/step_preview.h"

#include <cmath>

#include "image/grid.h"
#include "image/resize.h"

namespace easel {
namespace {

// Planes [3, H, W] to pixels [H, W, 3].
std::vector<float> interleaved(std::span<const float> planes) {
  const std::size_t pixels = planes.size() / 3;
  std::vector<float> values(planes.size());
  for (std::size_t i = 0; i < pixels; ++i) {
    for (std::size_t k = 0; k < 3; ++k) values[3 * i + k] = planes[k * pixels + i];
  }
  return values;
}

}  // namespace

Image StepPreview::picture(const DrawStep& step, std::span<const float> latent) {
  const int factor = model_.info().latent_factor;
  const Image::Size size{.width = step.latent_width * factor,
                         .height = step.latent_height * factor};
  if (kind_ == PreviewKind::kDecoder) {
    const auto decoded = model_.decode(latent, 1, step.latent_height, step.latent_width);
    return image_from_decoded(interleaved(decoded), size);
  }
  if (linear_.matrix.empty()) linear_ = model_.fit_preview();
  const Image small = linear_.render(latent, step.latent_height, step.latent_width);
  return resize(small, size, Resampling::kLanczos);
}

Image StepPreview::operator()(const DrawStep& step) {
  const auto count = static_cast<std::size_t>(step.pictures);
  const std::size_t size = step.estimate.size() / count;
  std::vector<Image> pictures;
  for (std::size_t i = 0; i < count; ++i) {
    pictures.push_back(picture(step, step.estimate.subspan(i * size, size)));
  }
  if (count == 1) return std::move(pictures.front());
  return make_grid(pictures, static_cast<int>(std::ceil(std::sqrt(static_cast<double>(count)))));
}

}  // namespace easel
