#include "pipeline/parts/taesd_codec.h"

#include <algorithm>
#include <utility>

#include "backend/dry/dry.h"
#include "core/error.h"
#include "nn/tensor_ops.h"

namespace easel {

TaesdCodec::TaesdCodec(Backend& backend, Scope scope)
    : backend_(backend), scope_(std::move(scope)), parameters_(scope_.parameters()) {
  const auto paper = make_dry_backend();
  const TaesdDecoder checked({*paper, scope_});
  scope_.require_all_taken();
}

const TaesdDecoder& TaesdCodec::decoder() {
  if (!decoder_) decoder_.emplace(Place{backend_, scope_, &edges_});
  return *decoder_;
}

std::vector<float> TaesdCodec::decode(std::span<const float> latents, const Size& size) {
  std::vector<float> z(latents.size());
  std::ranges::transform(latents, z.begin(), squash_latent);
  const Tensor decoded =
      decoder()(from_nchw(backend_, z, {size.count, size.height, size.width, facts().channels}));
  std::vector<float> pixels(static_cast<std::size_t>(decoded.elements()));
  backend_.download(decoded, Layout::kPixels, pixels);
  for (float& value : pixels) value = 2 * value - 1;  // [0, 1] to [-1, 1]
  return pixels;
}

LatentPosterior TaesdCodec::posterior(std::span<const float>, Image::Size) {
  fail(ErrorCode::kWrongModel,
       "the model's autoencoder is TAESD's decoder, which makes no latents of pictures");
}

// Two activations of 64 channels at the picture's size.
std::int64_t TaesdCodec::activations(int pictures, int latent_pixels) const {
  return std::int64_t{4} * 2 * 64 * 64 * pictures * latent_pixels;
}

}  // namespace easel
