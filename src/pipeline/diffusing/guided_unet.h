#pragma once

#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "core/cancel.h"
#include "models/unet.h"
#include "pipeline/diffusing/unet_operations.h"
#include "pipeline/parts/conditioning.h"
#include "recipe/recipe.h"

namespace easel {

/// The UNet as the network that a sampler asks, for one run: classifier-free guidance (Ho and
/// Salimans 2022) by one text or several, in its interval only, and DeepCache. All contexts of one
/// length go through the UNet in one batch, the one to move away from first; outside the interval
/// it is left out.
///
/// The sampler's steps decide what is computed, not its evaluations: one that asks twice a step
/// (Heun, PLMS at its first) gets both answers in the same way.
class GuidedUNet {
 public:
  struct Spec {
    Backend& backend;
    const UNet& unet;
    const Told& told;
    float scale = 1;
    float rescale = 0;  ///< how much of the guided prediction is brought to the other's deviation
    GuidanceInterval interval;
    int deep_every = 1;  ///< steps for each pass of the deep levels
    int steps = 0;       ///< as the sampler counts them
    int channels = 0;
    int height = 0;
    int width = 0;  ///< of the latents
    int pass = 1;   ///< pictures that go through the UNet together at most
    /// [1, height, width, …], or a row for each picture of the batch: what the network sees beside
    /// the latents (inpainting); or null.
    const Tensor* beside = nullptr;
    /// Guidance by what is beside, where there is some: zeros in its place are moved away from
    /// (Brooks et al. 2023, "InstructPix2Pix", equation 3).
    std::optional<float> beside_scale = {};
    /// The embedding of the scale, where the network was trained with it; else empty.
    std::span<const float> guidance = {};
    const CancelToken* cancel = nullptr;
  };
  /// `timesteps`: those that will be asked for; others are served too, only later.
  GuidedUNet(const Spec& spec, std::span<const float> timesteps);

  /// The step, from 0, that the next calls belong to. 0 begins another batch of pictures. What the
  /// network is told of prompts changes by calls, not by steps, as AUTOMATIC1111 counts.
  void begin_step(int step);

  /// x [batch, C, h, w] -> out, shaped alike. Throws kCancelled.
  void operator()(std::span<const float> x, float timestep, std::span<float> out);

  /// Share of the operations of an exact run, up to now, that was computed.
  double computed() const { return exact_ > 0 ? computed_ / exact_ : 1; }

 private:
  /// Contexts of one length, which go through the UNet together.
  using Group = std::vector<int>;
  /// The deep levels' last output for the pictures of a pass.
  struct Deep {
    Tensor output;  ///< [contexts * pictures, h, w, …]
    Group contexts;
  };
  /// Of one group in one pass of the batch.
  using DeepKey = std::pair<std::size_t, std::int64_t>;
  struct Time {
    const TimeEmbeddings& embeddings;
    int timestep;
  };

  TimeEmbeddings embed(std::span<const float> timesteps) const;
  Time time_of(float timestep);
  std::int64_t length_of(int context) const;
  std::vector<Group> groups_of(std::span<const int> contexts) const;
  void combine(const Told::Step& step, std::span<float> out) const;
  const UNetOperations& operations(const Group& group, std::size_t pictures);
  void count_exact(std::span<const int> contexts, std::size_t pictures);
  void keep(Deep& deep, const Group& group, std::int64_t pictures);
  Tensor run(ConstView x, const UNetConditioning& conditioning, const Group& group, Deep& deep);
  Tensor upload(std::span<const float> x, std::size_t first) const;
  /// Fills results_ for the contexts of a group.
  void evaluate(std::span<const float> x, float timestep, const Group& group);
  void evaluate_without_picture(std::span<const float> x, float timestep, int context);

  const Spec spec_;
  const std::size_t latent_size_;
  UNetContext context_;  // of all contexts
  Tensor labels_;        // of all contexts, or empty
  int step_ = 0;
  int calls_ = 0;  // of this batch
  TimeEmbeddings time_;
  std::map<float, int> time_rows_;
  std::map<float, TimeEmbeddings> more_times_;
  std::vector<float> values_;                // of one pass
  std::vector<std::vector<float>> results_;  // by context: [batch, C, h, w]
  bool without_picture_ = false;             // zeros stand beside the latents for now
  std::vector<float> pictureless_;           // the prediction with them: [batch, C, h, w]
  std::map<DeepKey, Deep> deep_;
  std::optional<UNetCounter> counter_;  // where a run leaves something out
  double computed_ = 0;
  double exact_ = 0;
};

}  // namespace easel
