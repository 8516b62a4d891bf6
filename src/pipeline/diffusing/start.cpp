#include "pipeline/diffusing/start.h"

#include <utility>

#include "pipeline/editing/latent_mask.h"

namespace easel {
namespace {

Start::Beneath beneath_of(const std::string& content) {
  if (content == "noise") return Start::Beneath::kNoise;
  return content == "nothing" ? Start::Beneath::kNothing : Start::Beneath::kPicture;
}

}  // namespace

Start make_start(LatentCodec& codec, Canvas canvas, const Masking& how) {
  Start start{.canvas = std::move(canvas), .picture = {}, .repaint = {}};
  const Image& picture = start.canvas.picture;
  start.picture = codec.posterior(pixels_of(picture), picture.size());
  if (!start.canvas.mask) return start;
  start.repaint = latent_mask(*start.canvas.mask, codec.facts().factor);
  start.beneath = beneath_of(how.content);
  return start;
}

std::vector<float> kept_of(const Start& start, int channels, int count) {
  std::vector<float> keep;
  for (int plane = 0; plane < channels * count; ++plane) {
    for (const float repaint : start.repaint) keep.push_back(1 - repaint);
  }
  return keep;
}

}  // namespace easel
