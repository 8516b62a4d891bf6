#pragma once

#include <span>
#include <string_view>

#include "weights/weights.h"

namespace easel {

/// Throws kInvalidFile unless all values are numbers: `what` names what they are ("what the
/// denoiser made of step 3"). Says which of the model's tensors (or null) holds such values; they
/// are read only then.
void require_finite(std::span<const float> values, std::string_view what, const Weights* weights);

}  // namespace easel
