#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "cli/prompts.h"
#include "core/rng.h"
#include "diffusion/noise.h"
#include "recipe/recipe.h"

namespace easel::cli {

/// The noise of one picture of a batch whose pictures have prompts of their own (--from-file): the
/// batch's numbers are drawn as one, from a generator that is this object's copy, and the picture's
/// share is handed out. So each picture can be drawn alone and is what it is in the batch.
class ShareOfBatch final : public NoiseSource {
 public:
  struct Place {
    int picture = 0;  ///< in the batch
    int batch = 1;
  };
  /// `fixed_start`: what to begin with instead of the first draw, a whole batch; empty: none.
  ShareOfBatch(const TorchCpuRng& rng, Place place, const std::vector<float>& fixed_start);

  void draw(std::span<float> out) override;
  /// As it stands after what was drawn.
  const TorchCpuRng& rng() const { return rng_; }

 private:
  TorchCpuRng rng_;
  Place place_;
  std::vector<float> start_;
  std::vector<float> batch_;
};

/// The prompts of --from-file, as the scripts draw them: so many at a time as a batch has, all of
/// them in each iteration, the numbers of one generator for the whole run.
struct PromptBatches {
  const std::vector<Prompt>& prompts;
  int samples = 1;                ///< pictures of a batch
  std::size_t latent = 0;         ///< values of one picture's
  bool first_drawn_once = false;  ///< the first numbers of a batch are drawn once for all of them

  /// In one iteration.
  int count() const;
  /// Calls draw(recipe, noise) for each picture. `recipe`: of the run, its generator seeded.
  void draw(const Recipe& recipe,
            const std::function<void(const Recipe&, NoiseSource&)>& draw) const;
};

}  // namespace easel::cli
