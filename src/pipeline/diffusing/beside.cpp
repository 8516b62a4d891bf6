#include "pipeline/diffusing/beside.h"

#include "core/error.h"
#include "image/mask.h"
#include "nn/tensor_ops.h"
#include "pipeline/editing/latent_mask.h"

namespace easel {
namespace {

constexpr float kLightGray = 0.5f;

std::vector<float> masked_picture(LatentCodec& codec, const Start* start, Image::Size size) {
  const int factor = codec.facts().factor;
  SeenByInpainting seen;
  if (start != nullptr) {
    const Canvas& canvas = start->canvas;
    seen =
        seen_by_inpainting(codec, canvas.picture, canvas.mask.value_or(inverted(Image(size, 1))));
  } else {
    const auto pixels =
        static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height);
    seen.mask.assign(pixels / static_cast<std::size_t>(factor * factor), 1.0f);
    seen.picture = codec.posterior(std::vector<float>(3 * pixels, kLightGray), size);
  }
  seen.mask.insert(seen.mask.end(), seen.picture.mean.begin(), seen.picture.mean.end());
  return seen.mask;
}

std::vector<float> unscaled_picture(const LatentCodec& codec, const Start* start) {
  if (start == nullptr) {
    fail(ErrorCode::kUsage,
         "this model is told what to change in a picture, and none was given: --init FILE");
  }
  std::vector<float> latent = start->picture.mean;
  for (float& value : latent) value /= static_cast<float>(codec.facts().scale);
  return latent;
}

}  // namespace

SeesBeside seen_beside(const UNetConfig& unet, const LatentFacts& latent) {
  const std::int64_t more = unet.in_channels - latent.channels;
  if (more == 0) return SeesBeside::kNothing;
  if (more == latent.channels) return SeesBeside::kPicture;
  if (more == latent.channels + 1) return SeesBeside::kMaskedPicture;
  fail(ErrorCode::kUnsupported,
       "the denoiser sees {} channels beside the latents' {}: none, {} or "
       "{} are known",
       more, latent.channels, latent.channels, latent.channels + 1);
}

Tensor make_beside(Backend& backend, LatentCodec& codec, SeesBeside what, const Start* start,
                   Image::Size size) {
  if (what == SeesBeside::kNothing) return {};
  const LatentFacts latent = codec.facts();
  const bool masked = what == SeesBeside::kMaskedPicture;
  const std::vector<float> values =
      masked ? masked_picture(codec, start, size) : unscaled_picture(codec, start);
  return from_nchw(backend, values,
                   {1, size.height / latent.factor, size.width / latent.factor,
                    latent.channels + (masked ? 1 : 0)});
}

}  // namespace easel
