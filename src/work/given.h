#pragma once

#include <optional>

#include "pipeline/editing/canvas.h"
#include "recipe/recipe.h"
#include "store/given_files.h"

namespace easel {

/// The pictures that a recipe begins at, if it does. Throws kNotFound when they have gone, and what
/// decoding throws.
std::optional<GivenPixels> read_given(const Recipe& recipe, const GivenFiles& files);

}  // namespace easel
