#pragma once

#include <map>
#include <span>
#include <vector>

#include "core/cancel.h"
#include "models/unet.h"
#include "pipeline/parts/conditioning.h"
#include "recipe/recipe.h"

namespace easel {

/// The UNet as the network that a sampler asks, for one run: classifier-free guidance, in its
/// interval only, and DeepCache. Both halves of guidance go through the UNet in one batch; outside
/// the interval the conditional half goes alone.
///
/// The sampler's steps decide what is computed, not its evaluations: one that asks twice a step
/// (Heun, PLMS at its first) gets both answers in the same way.
class GuidedUNet {
 public:
  struct Spec {
    Backend& backend;
    const UNet& unet;
    /// Of 1 or 2 prompts: with guidance first what to move away from.
    const Conditioning& conditioning;
    float scale = 1;
    GuidanceInterval interval;
    int deep_every = 1;  ///< steps for each pass of the deep levels
    int steps = 0;       ///< as the sampler counts them
    int channels = 0;
    int height = 0;
    int width = 0;  ///< of the latents
    int pass = 1;   ///< pictures that go through the UNet together at most
    const CancelToken* cancel = nullptr;
  };
  /// `timesteps`: those that will be asked for; others are served too, only later.
  GuidedUNet(const Spec& spec, std::span<const float> timesteps);

  /// The step, from 0, that the next calls belong to. 0 begins another batch of pictures.
  void begin_step(int step);

  /// x [batch, C, h, w] -> out, shaped alike. Throws kCancelled.
  void operator()(std::span<const float> x, float timestep, std::span<float> out);

  /// Share of the operations of an exact run, up to now, that was computed.
  double computed() const { return exact_ > 0 ? computed_ / exact_ : 1; }

 private:
  /// The deep levels' last output for the pictures of a pass.
  struct Deep {
    Tensor output;  ///< [halves * pictures, h, w, …]
    int halves = 0;
  };
  struct Time {
    const TimeEmbeddings& embeddings;
    int row;
  };
  Time time_of(float timestep);
  bool guiding() const;
  Tensor run(ConstView x, const UNetConditioning& conditioning, Deep& deep);
  /// out [halves, batch, C, h, w]: of two halves first the unconditional one.
  void evaluate(std::span<const float> x, float timestep, int halves, std::span<float> out);

  const Spec spec_;
  const std::size_t latent_size_;
  const UNetContext context_;
  const int conditional_;  // its place among the contexts
  int step_ = 0;
  TimeEmbeddings time_;
  std::map<float, int> time_rows_;
  std::map<float, TimeEmbeddings> more_times_;
  std::vector<float> values_;  // of one pass
  std::vector<float> pair_;
  std::vector<Deep> deep_;  // by pass of the batch
  double computed_ = 0;
  double exact_ = 0;
};

}  // namespace easel
