#pragma once

#include <CLI/App.hpp>
#include <span>
#include <string_view>

#include "recipe/fields.h"

namespace easel::cli {

/// Adds an option for each setting of the group (Field::group) that reads into the recipe, which
/// must outlive the parsing. `but`: settings that mean nothing to the command.
struct RecipeGroup {
  std::string_view group;
  std::span<const Field* const> but = {};
};
void add_recipe_options(CLI::App& app, Recipe& recipe, const RecipeGroup& group);

}  // namespace easel::cli
