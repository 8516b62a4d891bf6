#pragma once

#include "image/codec.h"
#include "recipe/recipe.h"

namespace easel {

/// Says in a picture's metadata that it was enlarged. A picture of Easel's then says the command
/// that draws and enlarges it; beside another program's settings comes the text "postprocessing",
/// as AUTOMATIC1111's Extras write it. Metadata without settings stays as it is.
void say_enlarged(ImageMetadata& metadata, const Enlarging& enlarging);

}  // namespace easel
