#include "pipeline/diffusing/fit_preview.h"

#include <algorithm>
#include <vector>

#include "core/rng.h"

namespace easel {

// Latents that vary from place to place as pictures' do: noise at two scales, of about the spread
// that guidance gives them.
LatentPreview fit_preview(LatentCodec& codec) {
  constexpr int kLatents = 8, kSide = 8, kPatch = 4;
  const int channels = codec.facts().channels, factor = codec.facts().factor;
  std::vector<float> latents(static_cast<std::size_t>(kLatents * channels * kSide * kSide));
  TorchCpuRng rng(0);
  rng.normal(latents);
  std::vector<float> coarse(latents.size());
  rng.normal(coarse);
  for (std::size_t i = 0; i < latents.size(); ++i) {
    const std::size_t x = i % kSide, y = i / kSide % kSide, plane = i / (kSide * kSide);
    const std::size_t patch =
        plane * kSide * kSide + y / kPatch * kPatch * kSide + x / kPatch * kPatch;
    latents[i] = 0.5f * latents[i] + 1.2f * coarse[patch];
  }
  const std::vector<float> decoded =
      codec.decode(latents, {.count = kLatents, .height = kSide, .width = kSide});
  // The mean colour of the pixels that a latent's pixel stands for.
  const int side = kSide * factor;
  std::vector<float> samples, colours;
  for (int i = 0; i < kLatents * kSide * kSide; ++i) {
    const int x = i % kSide, y = i / kSide % kSide, picture = i / (kSide * kSide);
    for (int c = 0; c < channels; ++c) {
      samples.push_back(
          latents[static_cast<std::size_t>(((picture * channels + c) * kSide + y) * kSide + x)]);
    }
    for (int k = 0; k < 3; ++k) {
      float sum = 0;
      for (int p = 0; p < factor * factor; ++p) {
        const int row = (picture * side + y * factor + p / factor) * side + x * factor + p % factor;
        sum += std::clamp(decoded[static_cast<std::size_t>(row * 3 + k)], -1.0f, 1.0f);
      }
      colours.push_back(sum / static_cast<float>(factor * factor));
    }
  }
  return fit_latent_preview(samples, colours, channels);
}

}  // namespace easel
