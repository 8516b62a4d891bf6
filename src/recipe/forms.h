#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json.h"
#include "image/codec.h"
#include "recipe/recipe.h"

// The forms that a recipe takes outside the program, all made from the rows of fields.h.

namespace easel {

/// What is left empty: left out, or (of what a client may ask for) shown as null, "" or the number
/// that does nothing.
enum class Unsaid { kLeaveOut, kShow };
/// For the APIs and the store.
Json to_json(const Recipe& recipe, Unsaid unsaid = Unsaid::kLeaveOut);
/// Only what a client may ask for: a request to draw it.
Json asked_of(const Recipe& recipe);
/// The inverse of to_json; what is of another type or out of its bounds is left empty.
Recipe recipe_from_json(const Json& json);

/// The rows for a page: {name, title, kind, asked, pixels} each, with least and most where
/// there are some. `kind`: "text", "integer", "number", "seed", or what the value is called.
Json list_of_fields();

/// What a picture's file says of how it was made.
struct Provenance {
  using Pair = std::pair<std::string, std::string>;

  Recipe recipe;
  std::string version = {};  ///< the program's: "easel 0.1.0"
  /// Settings that Easel does not know, in order: another program's.
  std::vector<Pair> others = {};

  bool operator==(const Provenance&) const = default;
};
/// Drawn by this program.
Provenance by_easel(Recipe recipe);

/// AUTOMATIC1111's text: the prompt, "Negative prompt: …", then one line of "Key: value" pairs,
/// values with commas, colons or line ends in JSON quotes.
std::string to_parameters(const Provenance& provenance);
/// The inverse, for text of any origin; never throws: what is not understood is prompt or others.
Provenance parse_parameters(std::string_view text);

/// Easel's own record, JSON. parse_record throws kInvalidFile for what is no such record.
std::string to_record(const Provenance& provenance);
Provenance parse_record(std::string_view text);

/// Both texts for a picture file.
ImageMetadata metadata_of(const Provenance& provenance);
/// From Easel's record where it is sound, else as one of the programs in readers/programs.h says
/// it, else AUTOMATIC1111's text whatever it is; nothing when there is none of these.
std::optional<Provenance> provenance_of(const ImageMetadata& metadata);

/// The words that draw the recipe again, the program's name not among them: those of `easel draw`,
/// or of `easel txt2img` for a picture of a run of that. Empty when there is no seed.
/// `more`: words that no recipe knows ("--config", "x.yaml").
std::vector<std::string> arguments_of(const Recipe& recipe,
                                      const std::vector<std::string>& more = {});
/// The same as a line for a shell.
std::string command_of(const Recipe& recipe, std::string_view program,
                       const std::vector<std::string>& more = {});

/// Equal for recipes that give the same pixels. `more`: what else they depend on.
std::string hash_of(const Recipe& recipe, std::string_view more);

}  // namespace easel
