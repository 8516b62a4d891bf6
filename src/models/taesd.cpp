#include "models/taesd.h"

#include <cmath>
#include <utility>

namespace easel {
namespace {

constexpr std::int64_t kWidth = 64;

Conv2dSpec conv3x3(std::int64_t in, std::int64_t out, Activation activation) {
  return {.in = in, .out = out, .activation = activation};
}

}  // namespace

float squash_latent(float value) { return 3.0f * std::tanh(value / 3.0f); }

TaesdDecoder::Block TaesdDecoder::make_block(const Place& at) {
  const Place here = at / "conv";
  return {Conv2d(here / 0, conv3x3(kWidth, kWidth, Activation::kRelu)),
          Conv2d(here / 2, conv3x3(kWidth, kWidth, Activation::kRelu)),
          Conv2d(here / 4, conv3x3(kWidth, kWidth, Activation::kNone))};
}

// Entries 3 to 7, 8 to 12 and 13 to 17; what is missing among them has no weights.
std::vector<TaesdDecoder::Stage> TaesdDecoder::make_stages(const Place& at) {
  std::vector<Stage> stages;
  for (int first = 3; first <= 13; first += 5) {
    std::vector<Block> blocks;
    for (int i = 0; i < 3; ++i) blocks.push_back(make_block(at / (first + i)));
    Conv2dSpec enlarge = conv3x3(kWidth, kWidth, Activation::kNone);
    enlarge.upsample = true;
    stages.push_back({std::move(blocks), Conv2d::without_bias(at / (first + 4), enlarge)});
  }
  return stages;
}

TaesdDecoder::TaesdDecoder(const Place& at, std::int64_t latent_channels)
    : backend_(at.backend),
      in_(at / 1, conv3x3(latent_channels, kWidth, Activation::kRelu)),
      stages_(make_stages(at)),
      last_(make_block(at / 18)),
      out_(at / 19, conv3x3(kWidth, 3, Activation::kNone)) {}

void TaesdDecoder::run(const Block& block, Tensor& x) const {
  const Tensor h = block.conv2(block.conv0(x));
  block.conv4.run(h, {.residual = x}, x);
  backend_.activate(Activation::kRelu, x, x);
}

Tensor TaesdDecoder::operator()(ConstView z) const {
  Tensor x = in_(z);  // [B, H, W, 64]
  for (const Stage& stage : stages_) {
    for (const Block& block : stage.blocks) run(block, x);
    x = stage.enlarge(x);
  }
  run(last_, x);
  return out_(x);  // [B, 8 H, 8 W, 3]
}

}  // namespace easel
