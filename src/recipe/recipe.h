#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "image/image.h"
#include "recipe/editing.h"

// What decides a picture. A recipe may be partial: what it leaves empty is the model's default, and
// in a foreign file what that file does not say. Its settings are listed once, in fields.h; every
// form that they take (JSON, "parameters" text, command, hash, table of an API) is made from there.

namespace easel {

struct ModelRef {
  std::string name = {};    ///< as installed, or the file's name
  std::string sha256 = {};  ///< as far as a file says it
  std::string loras = {};   ///< changes to its weights, FILE:STRENGTH[:TEXT], commas between

  bool operator==(const ModelRef&) const = default;
};

/// Four neighbours of one picture: its noise turned a little towards that of another seed.
struct Variation {
  std::uint64_t seed = 0;  ///< picture k uses seed + k, and the recipe's seed unchanged
  double strength = 0;     ///< 0: the picture itself; 1: the picture of the other seed

  bool operator==(const Variation&) const = default;
};

/// latent-diffusion's txt2img.py after torch.manual_seed(seed): one generator for a whole run, the
/// start noise of a batch of `samples` pictures drawn as one tensor, and one more draw of that
/// shape at every DDIM or PLMS update (two at PLMS's first), also when eta is 0. Without it picture
/// k has a generator of its own, seeded seed + k, and does not depend on its neighbours.
struct SharedGenerator {
  static constexpr int kAll = -1;

  int iterations = 1;
  int samples = 1;
  int picture = 0;           ///< of the run, from 0; kAll: the grid of all
  bool fixed_start = false;  ///< every batch begins with the first one's noise (--fixed_code)

  bool operator==(const SharedGenerator&) const = default;
};

struct SeedPlan {
  std::optional<std::uint64_t> seed;
  std::string rng = {};  ///< "torch-cpu", "nv"; empty: the first
  /// After the start noise the generators begin anew, seeded so much higher (AUTOMATIC1111's "eta
  /// noise seed delta").
  std::optional<std::uint64_t> delta = {};
  std::optional<Variation> variation = {};
  std::optional<SharedGenerator> shared = {};

  bool operator==(const SeedPlan&) const = default;
};

/// The part of a run, in fractions of its steps, in which guidance works: step i of n (from 0) is
/// guided where from <= i / n < to. Elsewhere the unconditional half is not computed, which saves
/// its time (Kynkäänniemi et al. 2024, "Applying guidance in a limited interval").
struct GuidanceInterval {
  double from = 0;
  double to = 1;

  bool whole() const { return from <= 0 && to >= 1; }
  bool holds(int step, int steps) const {
    const double at = static_cast<double>(step) / steps;
    return from <= at && at < to;
  }
  bool operator==(const GuidanceInterval&) const = default;
};

/// The UNet's deep levels are computed at every Nth step only (0, N, 2N, …) and their output is
/// used again in between (Ma et al. 2023, "DeepCache"); 1: at every step.
struct DeepCache {
  int every = 1;

  bool operator==(const DeepCache&) const = default;
};

/// How the words are read, by families that know AUTOMATIC1111's signs. What is empty is the
/// family's default.
struct PromptRules {
  std::string syntax = {};            ///< "a1111", "plain"
  std::string emphasis = {};          ///< what weights do: "original", "no-norm", "ignore", "none"
  std::optional<int> clip_skip = {};  ///< 1: all layers of the text encoder, 2: all but the last, …

  bool operator==(const PromptRules&) const = default;
};

/// Settings of the methods that denoise step by step.
struct Diffusion {
  std::optional<int> steps = {};
  std::string sampler = {};          ///< id: see samplers() in diffusion/samplers.h
  std::optional<double> scale = {};  ///< guidance; 1 leaves the unconditional half out
  std::optional<double> eta = {};    ///< fresh noise at each step; absent: the sampler's own
  std::string schedule = {};  ///< how noise levels are spread: see sigma_spacings(); empty: the
                              ///< sampler's own
  GuidanceInterval guidance_interval = {};
  DeepCache deep_cache = {};
  PromptRules reading = {};
  /// Latents a side of the tiles that a picture is decoded in; absent: whole, where memory allows.
  std::optional<int> vae_tile = {};
  Editing editing = {};
  SecondPass second_pass = {};
  std::string tile = {};  ///< edges that fit each other: "x", "y", "xy"; empty: none

  bool operator==(const Diffusion&) const = default;
};

/// How the picture comes about, with the settings that this way has. Token transformers and
/// cascades come in beside Diffusion.
using Method = std::variant<Diffusion>;

/// What happens to a picture once it is drawn.
struct Enlarging {
  std::optional<double> factor = {};
  std::string upscaler = {};  ///< name, where there is a factor
  Image::Size result = {};    ///< exact size after that; 0 x 0: as it comes

  bool operator==(const Enlarging&) const = default;
};

/// Several pictures laid out in one: "4x2" is four columns, two rows.
struct GridSize {
  int columns = 0;
  int rows = 0;

  bool operator==(const GridSize&) const = default;
};

/// How numbers are kept and rounded, which decides the last bits.
struct Arithmetic {
  std::string precision = {};  ///< "fp32", "fp16", "bf16"; empty: not said
  std::string backend = {};    ///< "cpu"
  std::string target = {};     ///< "AVX2"; no file says it

  bool operator==(const Arithmetic&) const = default;
};

/// How far a picture is whose run was ended early: its command draws it to the end.
struct Reached {
  int step = 0;  ///< steps done
  int steps = 0;

  bool operator==(const Reached&) const = default;
};

/// Words that each picture's seed chooses. Of a picture, `prompt` and `negative` are of what the
/// recipe's were chosen, so that no pixel depends on them.
struct PromptTemplates {
  bool by_seed = false;  ///< the recipe's prompts are templates whose words are to be chosen
  std::string prompt = {};
  std::string negative = {};

  bool operator==(const PromptTemplates&) const = default;
};

/// Under what the gallery shelves it. No pixel depends on it.
struct Labels {
  std::string subject = {};
  std::string style = {};

  bool operator==(const Labels&) const = default;
};

/// One picture, or with `of_picture` a run of them.
struct Recipe {
  std::string prompt = {};
  std::string negative = {};  ///< in the place of the empty prompt
  ModelRef model = {};
  SeedPlan seed = {};
  Image::Size size = {};  ///< as drawn, before enlarging; 0 x 0: the model's own
  Method method = {};
  Enlarging enlarging = {};
  std::vector<Enlarging> enlarged_again = {};  ///< after that, one after another
  std::optional<GridSize> grid = {};
  Arithmetic arithmetic = {};
  std::optional<Reached> unfinished = {};
  PromptTemplates templates = {};
  std::string prompt_notes = {};  ///< how the words were read, where that is not as they stand
  Labels labels = {};

  bool operator==(const Recipe&) const = default;
};

/// The settings of a recipe that is drawn by diffusion. REQUIRES: it is.
inline Diffusion& diffusion_of(Recipe& recipe) { return std::get<Diffusion>(recipe.method); }
inline const Diffusion& diffusion_of(const Recipe& recipe) {
  return std::get<Diffusion>(recipe.method);
}

/// The recipe of picture `index` of a run whose first picture's is `first`: seeds count up, or with
/// a variation the other seed does, or with a shared generator the picture's number.
Recipe of_picture(Recipe first, int index);

/// Whether a prompt says nothing, which is an accident more often than a wish.
bool is_blank(std::string_view prompt);

}  // namespace easel
