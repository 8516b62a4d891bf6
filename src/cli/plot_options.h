#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

#include "cli/model_options.h"
#include "recipe/recipe.h"

namespace easel::cli {

/// What `easel plot` was told.
struct PlotOptions {
  std::vector<std::string> words;
  Recipe recipe;
  std::string x, y, z;
  std::string output;
  std::string pictures;  ///< a folder where each picture is kept too, or empty
  std::string names;     ///< of those, as OutputPlan has it
  std::string wildcards_folder;
  bool force = false;
  bool json = false;
  bool quiet = false;
  bool no_show = false;
  ModelOptions model;
};

void add_plot_options(CLI::App& app, PlotOptions& options);

}  // namespace easel::cli
