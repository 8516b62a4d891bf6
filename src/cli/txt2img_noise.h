#pragma once

#include <memory>
#include <vector>

#include "core/rng.h"
#include "diffusion/noise.h"

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

}  // namespace easel::cli
