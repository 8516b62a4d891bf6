#pragma once

#include "pipeline/drawing/draw_request.h"
#include "recipe/recipe.h"

namespace easel {

/// The request that draws `count` pictures, the recipe's own first; for a run with one generator
/// all of the run.
DrawRequest request_of(const Recipe& recipe, int count);

/// The recipe with what the model decided of a request that was made from it.
Recipe completed(Recipe recipe, const DrawRequest& checked);

}  // namespace easel
