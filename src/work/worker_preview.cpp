// What a worker shows of pictures while they are drawn.

#include <algorithm>
#include <cmath>
#include <span>

#include "image/codec.h"
#include "image/resize.h"
#include "work/worker_run.h"

namespace easel {
namespace {

constexpr int kMaxPreviewSide = 96;
constexpr int kMaxSharpSide = 256;  // of previews that a decoder makes

std::string preview_png(const LatentPreview& preview, std::span<const float> latent, int height,
                        int width) {
  Image image = preview.render(latent, height, width);
  const Image::Size size = fit_within(image.size(), {kMaxPreviewSide, kMaxPreviewSide});
  if (size != image.size()) image = resize(image, size, Resampling::kBox);
  const auto png = encode_picture(image, ImageFormat::kPng, {.compression = 1});
  return {png.begin(), png.end()};
}

std::vector<std::string> preview_pngs(const LatentPreview& preview, std::span<const float> latents,
                                      const DrawStep& step) {
  std::vector<std::string> list;
  const std::size_t each = latents.size() / static_cast<std::size_t>(step.pictures);
  for (std::size_t at = 0; at + each <= latents.size() && each > 0; at += each) {
    list.push_back(
        preview_png(preview, latents.subspan(at, each), step.latent_height, step.latent_width));
  }
  return list;
}

// The same by a decoder, a picture after another.
std::vector<std::string> decoded_pngs(LatentCodec& decoder, const DrawStep& step) {
  std::vector<std::string> list;
  const int factor = decoder.facts().factor;
  const Image::Size whole{.width = step.latent_width * factor,
                          .height = step.latent_height * factor};
  const std::size_t each = step.estimate.size() / static_cast<std::size_t>(step.pictures);
  for (std::size_t at = 0; at + each <= step.estimate.size() && each > 0; at += each) {
    Image image = image_from_decoded(
        decoder.decode(step.estimate.subspan(at, each),
                       {.height = step.latent_height, .width = step.latent_width}),
        whole);
    const Image::Size size = fit_within(whole, {kMaxSharpSide, kMaxSharpSide});
    if (size != whole) image = resize(image, size, Resampling::kBox);
    const auto png = encode_picture(image, ImageFormat::kPng, {.compression = 1});
    list.emplace_back(png.begin(), png.end());
  }
  return list;
}

// Noisy latents as loud as a picture's at most: samplers that scale them by sigma would show
// nothing but black and white for most of their way.
std::vector<float> no_louder_than_pictures(std::span<const float> latents) {
  double squares = 0;
  for (const float value : latents) squares += double{value} * value;
  const double loudness =
      std::sqrt(squares / static_cast<double>(std::max<std::size_t>(latents.size(), 1)));
  std::vector<float> out(latents.begin(), latents.end());
  if (loudness > 1) {
    for (float& value : out) value = static_cast<float>(value / loudness);
  }
  return out;
}

}  // namespace

void Worker::preview(Run& run, const DrawStep& step) {
  const EventSink::Watch watch = parts_.events.watch_of(run.job.id);
  if (!watch.previews || latent_preview_.matrix.empty()) return;
  // A fast decoder that somebody installed shows more than the linear map; of noise both nothing.
  LatentCodec* decoder = model_->preview_decoder();
  const bool sharp = step.step > 0 && decoder != nullptr && decoder != model_->latents();
  Preview seen{.step = step.step,
               .first_picture = step.first_picture,
               .width = step.latent_width,
               .height = step.latent_height,
               .pictures = sharp ? decoded_pngs(*decoder, step)
                                 : preview_pngs(latent_preview_, step.estimate, step),
               .latents = {}};
  if (watch.latents) {
    seen.latents = preview_pngs(latent_preview_, no_louder_than_pictures(step.latents), step);
  }
  parts_.events.tell_preview(run.job.id, seen);
}

}  // namespace easel
