#pragma once

#include <string_view>

#include "pipeline/text_to_image.h"

namespace easel {

/// The request with what it leaves to the model filled in. Throws kUsage with what was wrong and
/// what would work; for what the sampler does not take, its Plan does.
DrawRequest checked_request(DrawRequest request, const ModelInfo& info);

/// Throws kUsage unless `value` pixels are a side that the model can draw; `what` is for the
/// message.
void check_side(std::string_view what, int value, const ModelInfo& info);

}  // namespace easel
