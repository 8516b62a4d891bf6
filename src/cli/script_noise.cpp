#include "cli/script_noise.h"

#include <algorithm>
#include <cstddef>

namespace easel::cli {

ShareOfBatch::ShareOfBatch(const TorchCpuRng& rng, Place place,
                           const std::vector<float>& fixed_start)
    : rng_(rng), place_(place), start_(fixed_start) {}

void ShareOfBatch::draw(std::span<float> out) {
  batch_.resize(out.size() * static_cast<std::size_t>(place_.batch));
  if (start_.empty()) {
    rng_.normal(batch_);
  } else {
    batch_ = start_;
    start_.clear();
  }
  const std::size_t at = out.size() * static_cast<std::size_t>(place_.picture);
  std::copy_n(batch_.begin() + static_cast<std::ptrdiff_t>(at), out.size(), out.begin());
}

int PromptBatches::count() const {
  return (static_cast<int>(prompts.size()) + samples - 1) / samples;
}

void PromptBatches::draw(const Recipe& recipe,
                         const std::function<void(const Recipe&, NoiseSource&)>& draw) const {
  TorchCpuRng rng(*recipe.seed.seed);
  std::vector<float> first_numbers;
  if (first_drawn_once) {
    first_numbers.resize(latent * static_cast<std::size_t>(samples));
    rng.normal(first_numbers);
  }
  for (int batch = 0; batch < recipe.seed.shared->iterations; ++batch) {
    const int first = batch % count() * samples;
    const int last = std::min(first + samples, static_cast<int>(prompts.size()));
    TorchCpuRng after = rng;
    for (int line = first; line < last; ++line) {
      ShareOfBatch noise(rng, {.picture = line - first, .batch = samples}, first_numbers);
      Recipe one = recipe;
      one.prompt = prompts[static_cast<std::size_t>(line)].text;
      one.seed.shared->picture = batch * samples + line - first;
      draw(one, noise);
      after = noise.rng();
    }
    rng = after;
  }
}

}  // namespace easel::cli
