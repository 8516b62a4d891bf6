#pragma once

#include <optional>

#include "pipeline/editing/canvas.h"
#include "recipe/recipe.h"

namespace easel::cli {

/// Reads the pictures that the recipe names by their files, and gives it their hashes; nothing when
/// it names none. Throws kUsage for settings that mean nothing without a picture, and what reading
/// throws.
std::optional<GivenPixels> read_given(Recipe& recipe);

}  // namespace easel::cli
