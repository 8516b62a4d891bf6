#pragma once

#include <CLI/App.hpp>
#include <string>

#include "pipeline/drawing/drawing_model.h"

namespace easel::cli {

/// What Stable Diffusion's scripts/txt2img.py and scripts/img2img.py both can be told.
struct ScriptOptions {
  bool skip_grid = false;
  bool skip_save = false;
  int rows = 0;             ///< pictures in a row of the grid; 0: as many as a batch has
  int latent_channels = 0;  ///< 0: the model's
  int downsampling = 0;     ///< pixels a latent's side; 0: the model's
  std::string numbers;      ///< "full", "autocast"
};

void add_script_options(CLI::App& app, ScriptOptions& options, const std::string& group);

/// Throws kUsage where --C or --f say what the model's latents are not.
void check_latents(const ScriptOptions& options, const ModelInfo& info);

}  // namespace easel::cli
