#include "pipeline/drawing/step_preview.h"

#include <cmath>

#include "image/grid.h"
#include "image/resize.h"

namespace easel {
Image StepPreview::picture(const DrawStep& step, std::span<const float> latent) {
  LatentCodec& codec = *model_.preview_decoder();
  const int factor = codec.facts().factor;
  const Image::Size size{.width = step.latent_width * factor,
                         .height = step.latent_height * factor};
  if (kind_ == PreviewKind::kDecoder) {
    return image_from_decoded(
        codec.decode(latent, {.height = step.latent_height, .width = step.latent_width}), size);
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
