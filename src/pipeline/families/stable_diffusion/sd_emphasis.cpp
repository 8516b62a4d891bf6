#include "pipeline/families/stable_diffusion/sd_emphasis.h"

#include <algorithm>

namespace easel {
std::vector<float> weights_of(const TextBatch& batch, std::size_t chunk) {
  std::vector<float> weights;
  for (const ChunkedPrompt& text : batch.texts) {
    const auto& mine = text.chunks[chunk].weights;
    weights.insert(weights.end(), mine.begin(), mine.end());
  }
  return weights;
}

int skip_of(const SdTextConfig& text, const PromptReading& reading) {
  if (!text.reading.may_skip) return text.reading.skip;
  return std::clamp(reading.clip_skip - 1, text.reading.skip, text.network.depth - 1);
}

}  // namespace easel
