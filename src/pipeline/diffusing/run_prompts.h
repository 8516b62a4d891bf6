#pragma once

#include "models/unet.h"
#include "pipeline/parts/prompt_encoder.h"
#include "recipe/recipe.h"

namespace easel {

/// What a recipe says in words, as its model's encoder is told it. A network that is told the scale
/// guides by itself. REQUIRES: a complete recipe
Prompts prompts_of(const Recipe& recipe, const UNetConfig& unet);

/// The same of its second pass, whose pictures are of `size`.
Prompts second_prompts_of(const Recipe& recipe, const UNetConfig& unet, Image::Size size);

}  // namespace easel
