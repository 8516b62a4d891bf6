#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "recipe/forms.h"

namespace easel {

/// A setting as AUTOMATIC1111's line says it. `place`: see Field.
struct PlacedPair {
  int place = 0;
  std::string key;
  std::string value;
};
/// What a recipe says, in the order of places.
std::vector<PlacedPair> pairs_of(const Recipe& recipe);

/// Moves what is understood from `pairs` into the recipe; where a key comes twice the last counts.
void take_pairs(std::vector<Provenance::Pair>& pairs, Recipe& recipe);

/// Makes one of "Sampler" and "Schedule type" where a sampler's name says both; a schedule that
/// none says stays where it is.
void join_schedule(std::vector<Provenance::Pair>& pairs);

/// Whether a text can stand before a colon there.
bool is_key(std::string_view text);

/// A sampler's id for any of its names, and the name that other programs know; as given where there
/// is no such sampler.
std::string sampler_id(const std::string& name);
std::string sampler_title(const std::string& name);

/// What a file of an older Easel, or of another program, says in other words.
void mend(Recipe& recipe);

}  // namespace easel
