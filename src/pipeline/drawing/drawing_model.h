#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/cancel.h"
#include "diffusion/noise.h"
#include "image/image.h"
#include "pipeline/drawing/model_info.h"
#include "pipeline/editing/canvas.h"
#include "pipeline/parts/latent_codec.h"
#include "pipeline/parts/latent_preview.h"
#include "recipe/recipe.h"

namespace easel {

/// Which pictures of a recipe are drawn, and how together. No pixel depends on it, but where
/// recipe.seed.shared makes one run of them all.
struct Pictures {
  int first = 0;  ///< counted from 0: picture k of a recipe has its seed + k
  int count = 1;
  /// Pictures that go through the network together; 0: as many as memory and speed suggest.
  int batch = 0;
  bool keep_latents = false;  ///< return each picture's latent and its decoded floats
};

/// All that share a generator.
inline Pictures pictures_of(const SharedGenerator& shared) {
  return {.count = shared.iterations * shared.samples, .batch = shared.samples};
}

/// After each step of a batch.
struct DrawStep {
  int step = 0;  ///< steps done, 1 … steps
  int steps = 0;
  int first_picture = 0;  ///< of this batch, counted as Pictures::first is
  int pictures = 0;
  int count = 0;       ///< pictures asked for
  double seconds = 0;  ///< since draw() began
  /// Share of the network's operations so far that was computed; the rest was left out by the
  /// recipe's guidance interval and DeepCache.
  double computed = 1;
  /// The latents [pictures, C, h, w] after this step, in the sampler's scaling.
  std::span<const float> latents;
  /// What the finished latents look like from here, for previews; shaped alike.
  std::span<const float> estimate;
  int latent_width = 0;
  int latent_height = 0;
};

struct DrawnPicture {
  int index = 0;  ///< counted as Pictures::first is
  std::uint64_t seed = 0;
  /// Where the run was ended early (DrawHooks::enough): how far the picture is. It is decoded from
  /// what that step's finished latents looked like, so equal steps give equal bytes.
  std::optional<Reached> unfinished = {};
  /// What there is to say of how the prompts were read, "; " between.
  std::string prompt_notes = {};
  Image image = {};  ///< 8-bit RGB: trunc(255 clamp((x + 1) / 2)), as latent-diffusion's scripts
  /// With keep_latents: [C, h, w] before the division by the scale factor, and the decoder's
  /// output [3, H, W] in about [-1, 1], unclamped.
  std::vector<float> latent = {};
  std::vector<float> decoded = {};
};

/// A drawn picture's own recipe, with what its file says of how it came out. `asked`: the run's.
inline Recipe recipe_of_drawn(const Recipe& asked, const DrawnPicture& drawn) {
  Recipe recipe = of_picture(asked, drawn.index);
  recipe.unfinished = drawn.unfinished;
  recipe.prompt_notes = drawn.prompt_notes;
  return recipe;
}

/// All optional. Called on draw()'s thread; on_step may use the model's latents().
struct DrawHooks {
  /// The start noise of each batch, as step 0: `latents` and `estimate` are the noise itself.
  std::function<void(const DrawStep&)> on_noise;
  std::function<void(const DrawStep&)> on_step;
  /// Takes each picture as soon as it is decoded; draw() then returns an empty vector.
  std::function<void(DrawnPicture)> on_picture;
  /// Things to tell a person about this run ("timestep 1000 does not exist: 999 used").
  std::function<void(const std::string&)> on_note;
  /// In the place of the recipe's generators: draws each batch's start noise [batch, C, h, w],
  /// then what its steps need (tests; other programs' noise).
  NoiseSource* noise = nullptr;
  /// Replaces a batch's start noise [batch, C, h, w], whose first picture is `first_picture`. The
  /// recipe's generators have drawn it all the same, so that later draws are the ones of before.
  std::function<void(std::span<float> noise, int first_picture)> start_noise;
  /// The pictures that the recipe's Editing names; needed where it names some.
  const GivenPixels* given = nullptr;
  /// Enlarges a picture between two passes, where the recipe's second pass names no way that the
  /// model has by itself: to exactly this size.
  std::function<Image(const Image& picture, Image::Size size)> enlarge;
  /// Looked at before every pass through a network; draw() then throws kCancelled.
  const CancelToken* cancel = nullptr;
  /// Ends a run and keeps what is there: raised between a batch's first step and its last,
  /// on_picture gets the batch as far as the last finished step brought it
  /// (DrawnPicture::unfinished), then draw() throws kCancelled. Raised before the first step, it is
  /// `cancel`; later the batch is decoded as always. Made from `cancel`, where there are both.
  const CancelToken* enough = nullptr;

  /// What ends the work that leads to a picture: the reading, the steps.
  const CancelToken* ends_steps() const { return enough != nullptr ? enough : cancel; }
};

/// A model that draws what a recipe says. Weights are read when first needed, part after part;
/// what is read stays until release() (but see keep_text_encoder). families.h opens one.
///
/// Same recipe, same machine: the same bytes, for any number of threads, any batch and any history
/// of earlier requests.
///
/// Thread rule: one call at a time.
class DrawingModel {
 public:
  virtual ~DrawingModel() = default;

  virtual const ModelInfo& info() const = 0;
  /// On what it computes and how it rounds, which decides a picture's last bits.
  virtual Arithmetic arithmetic() const = 0;

  /// The recipe with what it leaves to the model filled in (`given`: the size of the picture that
  /// it begins at, where it says no size of its own). Throws kUsage with what was wrong and
  /// what would work. Cheap; draw() does it too.
  virtual Recipe completed(const Recipe& asked) const = 0;

  /// What a person should know of a recipe's prompts before they are drawn, a line each: words that
  /// the model draws as others or leaves out, what they take of its length. Cheap: reads no weight.
  virtual std::vector<std::string> notes(const Recipe& recipe) const {
    (void)recipe;
    return {};
  }

  /// Bytes that drawing takes at its peak, weights not yet loaded included. Throws as completed().
  virtual std::int64_t memory_needed(const Recipe& recipe, const Pictures& which) const = 0;

  /// Draws. Throws what completed() does, kNoMemory before any weight is read, kCancelled, and what
  /// reading weights throws.
  virtual std::vector<DrawnPicture> draw(const Recipe& recipe, const Pictures& which,
                                         const DrawHooks& hooks) = 0;

  /// Reads every weight that drawing needs (a server's warm start).
  virtual void load(const CancelToken* cancel) = 0;
  /// Gives all weights and working memory back; the next draw() reads them again.
  virtual void release() = 0;

  /// Between pictures and what DrawStep shows of them; null where a model shows nothing on its way.
  /// Lives as long as the model.
  virtual LatentCodec* latents() = 0;
  /// What decodes previews: as good as latents() or, where a faster one is installed, that.
  virtual LatentCodec* preview_decoder() { return latents(); }
  /// The linear map from what DrawStep shows to colours, fitted by least squares to
  /// latents()->decode on a set of made-up latents. Takes a second or so: keep the result. Without
  /// latents() empty.
  virtual LatentPreview fit_preview() = 0;
};

}  // namespace easel
