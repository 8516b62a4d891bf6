#pragma once

#include "pipeline/text_to_image.h"
#include "recipe/recipe.h"

namespace easel {

/// The request that draws `count` pictures, the recipe's own first; for a run with one generator
/// all of the run.
DrawRequest request_of(const Recipe& recipe, int count);

/// The recipe with what the model decided of a request that was made from it.
Recipe completed(Recipe recipe, const DrawRequest& checked);

/// How a backend rounds, which decides a picture's last bits.
Arithmetic arithmetic_of(const Backend& backend, Precision precision);

}  // namespace easel
