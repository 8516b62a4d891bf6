#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "image/image.h"
#include "pipeline/parts/conditioning.h"
#include "pipeline/parts/model_part.h"
#include "prompt/emphasis.h"
#include "prompt/prompt.h"

namespace easel {

/// How prompts are read, by the families that know AUTOMATIC1111's signs.
struct PromptReading {
  PromptSyntax syntax = PromptSyntax::kA1111;
  Emphasis emphasis = Emphasis::kOriginal;
  int clip_skip = 1;  ///< 1: all layers of the text encoder; 2: all but the last, …
};

/// The sizes that SDXL's denoiser is told; of the picture asked for where nothing else is said.
struct ToldSizes {
  Image::Size original = {};
  Image::Size target = {};
  int crop_top = 0;
  int crop_left = 0;
};

/// What a run says in words, and what of the run their encoding may depend on.
struct Prompts {
  std::string prompt;
  std::string negative;
  bool guided = true;  ///< whether the denoiser is told the negative prompt too
  int steps = 1;       ///< evaluations of the denoiser in the run, which schedules count
  /// Of a second pass over an enlarged picture, where the run is one: schedules tell it apart.
  std::optional<int> second_pass = {};
  Image::Size size = {};  ///< of the picture
  PromptReading reading = {};
  ToldSizes sizes = {};
  /// An empty negative prompt is encoded also where the family takes zeros for it.
  bool keep_empty_negative = false;
};

/// Prompts to what the denoiser is told of them. Remembers the texts of before, so that only new
/// ones need its weights.
class PromptEncoder : public ModelPart {
 public:
  /// Whether all texts of these prompts are remembered: prepare() then has nothing to do.
  virtual bool remembers(const Prompts& prompts) = 0;
  /// Encodes what is not remembered.
  virtual void prepare(const Prompts& prompts) = 0;
  /// REQUIRES: prepare() was called with them last.
  virtual Told told(const Prompts& prompts) = 0;
  /// The most contexts that one step is told; an estimate of memory needs no encoding.
  virtual int contexts_a_step(const Prompts& prompts) const = 0;
  /// What a person should know of how the prompts are read where that is not as they stand, a line
  /// each.
  virtual std::vector<std::string> notes(const Prompts& prompts) const = 0;
  /// How much of what the model reads the prompts take, a line each: where people count on that.
  virtual std::vector<std::string> lengths(const Prompts& prompts) const {
    (void)prompts;
    return {};
  }
  /// Bytes of activations when so many texts are encoded.
  virtual std::int64_t activations(int texts) const = 0;
};

/// "the prompt is longer than the model reads: the last 3 word pieces of it are not used", and from
/// which words on, where `unused` is known
std::string note_of_dropped(std::string_view what, int pieces, std::string_view unused = {});

}  // namespace easel
