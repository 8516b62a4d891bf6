#pragma once

#include "pipeline/drawing/drawing_model.h"

namespace easel {

enum class PreviewKind {
  kLinear,   ///< a linear map fitted to the decoder: small, blurred, costs nothing
  kDecoder,  ///< the decoder itself: as sharp as the finished picture, costs one decoding a step
};

/// Makes visible what a run has come to. The model, which has latents(), outlives it.
class StepPreview {
 public:
  StepPreview(DrawingModel& model, PreviewKind kind) : model_(model), kind_(kind) {}

  /// The pictures of the step's batch as they would be from here, in the size that they will have;
  /// of several a grid. For use in DrawHooks::on_step.
  Image operator()(const DrawStep& step);

 private:
  Image picture(const DrawStep& step, std::span<const float> latent);

  DrawingModel& model_;
  const PreviewKind kind_;
  LatentPreview linear_;  // fitted when first needed
};

}  // namespace easel
