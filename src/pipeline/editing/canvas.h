#pragma once

#include <optional>

#include "image/image.h"
#include "image/region.h"
#include "recipe/recipe.h"

namespace easel {

/// The pixels that a recipe's Editing names by their hashes.
struct GivenPixels {
  Image init;                 ///< of any kind
  std::optional<Image> mask;  ///< of any kind and size; none: where init is transparent
};

/// A given picture as a run draws on it.
struct Canvas {
  Image picture;              ///< RGB, 8 bits, as large as the run draws
  std::optional<Image> mask;  ///< 8-bit gray: 255 where it is drawn anew; none: everywhere

  /// What the drawn picture is laid into afterwards, with its own mask.
  struct Frame {
    Image whole;
    Image mask;
    Rect part;  ///< of `whole`, which the run draws
  };
  std::optional<Frame> frame;
};

/// Brings the picture to recipe.size as its Editing says: resize mode, mask, extension, what is
/// under the mask. Throws kUsage for sizes that leave nothing of it, and a mask with nothing to
/// draw where only that part is wanted.
Canvas make_canvas(const GivenPixels& given, const Recipe& recipe);

/// The finished picture: what was drawn where the mask says so, the given pixels elsewhere.
Image pasted(const Canvas& canvas, Image drawn);

/// A size for a picture that is drawn from one of these sides: about as many pixels as the model's
/// own, in the same proportions, sides of `multiple`.
Image::Size size_like(Image::Size given, Image::Size native, int multiple);

}  // namespace easel
