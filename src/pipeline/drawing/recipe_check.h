#pragma once

#include <string_view>

#include "pipeline/drawing/drawing_model.h"

namespace easel {

/// The recipe with what it leaves to a model that draws by diffusion filled in; nothing is checked.
Recipe with_defaults(Recipe recipe, const ModelInfo& info);

/// The same, checked, and said in one way. Throws kUsage with what was wrong and what would work;
/// for what the sampler does not take, its Plan does.
Recipe completed_recipe(Recipe recipe, const ModelInfo& info);

/// Throws kUsage for numbers of pictures that cannot be drawn.
void check_pictures(const Recipe& recipe, const Pictures& which);

/// Throws kUsage unless `value` pixels are a side that the model can draw; `what` is for the
/// message.
void check_side(std::string_view what, int value, const ModelInfo& info);

}  // namespace easel
