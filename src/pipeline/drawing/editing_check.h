#pragma once

#include "pipeline/drawing/model_info.h"
#include "pipeline/editing/canvas.h"
#include "recipe/recipe.h"

namespace easel {

/// Whether a recipe's pictures begin at a given one.
inline bool begins_at_picture(const Recipe& recipe) {
  const GivenPicture& init = diffusion_of(recipe).editing.init;
  return !init.sha256.empty() || !init.file.empty();
}

/// Fills in what a recipe leaves open of editing and of a second pass, and drops what means nothing
/// without a picture, or without such a pass. Throws kUsage with what was wrong and what would
/// work.
void complete_editing(Recipe& recipe);

/// The size drawn on a given picture of this size, where the recipe has none: about as many pixels
/// as the model's own, in its proportions, with room for what is beyond its edges; the model's own
/// where only the masked part is drawn.
void choose_size_by(Image::Size given, const ModelInfo& info, Recipe& recipe);

/// Throws kUsage unless the pictures that a recipe names are there.
void check_given(const Recipe& recipe, const GivenPixels* given);

/// How large the pictures are after a second pass, or without one: sides of `multiple`.
Image::Size last_size(const Recipe& recipe, int multiple);

}  // namespace easel
