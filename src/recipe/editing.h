#pragma once

#include <optional>
#include <string>

// What of a recipe is about pictures that begin at another one, and second passes.

namespace easel {

/// A picture that is given: what its file holds decides pixels, where it lies does not.
struct GivenPicture {
  std::string sha256 = {};  ///< of the file's bytes
  std::string file = {};

  bool operator==(const GivenPicture&) const = default;
};

/// So many pixels are drawn beyond each edge of a given picture.
struct Extension {
  int left = 0;
  int top = 0;
  int right = 0;
  int bottom = 0;

  bool any() const { return left > 0 || top > 0 || right > 0 || bottom > 0; }
  bool operator==(const Extension&) const = default;
};

/// What of a given picture is painted anew. What is empty is the default that the rows say.
struct Masking {
  GivenPicture mask = {};        ///< white: painted anew; without it the picture's transparency is
  std::optional<int> blur = {};  ///< deviation of a Gaussian, pixels of the given picture
  std::optional<int> grow = {};  ///< pixels that the mask is widened by
  bool invert = false;           ///< black is painted anew
  std::string content = {};  ///< what is under it at first: "original", "fill", "noise", "nothing"
  bool only_masked = false;  ///< draw the masked part alone, at the whole size
  std::optional<int> padding = {};  ///< what it sees around that part, pixels of the picture

  bool operator==(const Masking&) const = default;
};

/// A picture that is drawn from another one.
struct Editing {
  GivenPicture init = {};               ///< nothing of the rest means anything without it
  std::optional<double> strength = {};  ///< 0: as it was, 1: nothing of it
  std::string resize_mode = {};         ///< "crop", "pad", "stretch"
  Masking masking = {};
  Extension extend = {};
  std::optional<double> image_scale = {};  ///< how closely a model that is told edits follows it

  bool operator==(const Editing&) const = default;
};

/// A second pass over the picture, enlarged, which draws what the first had no room for.
struct SecondPass {
  std::optional<double> scale = {};     ///< of both sides; without it there is no second pass
  std::optional<double> strength = {};  ///< of the second pass, as of a given picture
  std::optional<int> steps = {};        ///< of it; else as many as of the first
  std::string upscaler = {};            ///< what enlarges: "latent", an installed name, …

  bool operator==(const SecondPass&) const = default;
};

}  // namespace easel
