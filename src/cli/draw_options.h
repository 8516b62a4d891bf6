#pragma once

#include <CLI/App.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/console.h"
#include "cli/latents_file.h"
#include "cli/model_options.h"
#include "recipe/recipe.h"

namespace easel::cli {

/// What `easel draw` was told.
struct DrawCommandOptions {
  std::vector<std::string> words;
  std::string from_file;
  Recipe recipe;
  bool allow_empty = false;
  std::optional<int> count;
  std::string output;
  std::string names;  ///< of files in a folder, as OutputPlan has it; empty: the usual
  std::string preview;
  bool force = false;
  bool json = false;
  bool quiet = false;
  bool no_show = false;
  std::string wildcards_folder;
  bool forever = false;
  LatentsOptions latents;
  ModelOptions model;
};

void add_draw_command_options(CLI::App& app, DrawCommandOptions& options);

/// Throws kUsage for options that exclude each other, or that no picture can come of.
void check_together(const DrawCommandOptions& options, const Console& console);

}  // namespace easel::cli
