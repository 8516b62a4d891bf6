#pragma once

#include <string>

#include "recipe/recipe.h"

namespace easel::cli {

/// What leaving out parts of a run cost, a line for a person; empty where nothing was. `computed`
/// as in DrawStep.
std::string price_of(const Recipe& recipe, double computed);

}  // namespace easel::cli
