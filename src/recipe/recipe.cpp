#include "recipe/recipe.h"

namespace easel {

Recipe of_picture(Recipe first, int index) {
  SeedPlan& seed = first.seed;
  const auto offset = static_cast<std::uint64_t>(index);
  if (seed.shared) {
    seed.shared->picture += index;
  } else if (seed.variation) {
    seed.variation->seed += offset;
  } else if (seed.seed) {
    *seed.seed += offset;
  }
  return first;
}

bool is_blank(std::string_view prompt) {
  return prompt.find_first_not_of(" \t\r\n\v\f") == std::string_view::npos;
}

}  // namespace easel
