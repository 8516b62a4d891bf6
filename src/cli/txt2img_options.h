#pragma once

#include <CLI/App.hpp>
#include <string>

#include "cli/model_options.h"
#include "recipe/recipe.h"

namespace easel::cli {

/// What scripts/txt2img.py of latent-diffusion, of Stable Diffusion 1 and of 2 can be told.
struct Txt2imgOptions {
  Recipe recipe;
  SharedGenerator run;
  bool plms = false;
  bool dpm_solver = false;
  std::string outdir;
  std::string from_file;
  bool skip_grid = false;
  bool skip_save = false;
  bool laion400m = false;
  int rows = 0;             ///< pictures in a row of the grid; 0: as many as a batch has
  int latent_channels = 0;  ///< 0: the model's
  int downsampling = 0;     ///< pixels a latent's side; 0: the model's
  std::string numbers;      ///< "full", "autocast"
  ModelOptions model;       ///< --ckpt, --config, --vocab
};

/// Adds them to the command, with latent-diffusion's defaults.
void add_txt2img_options(CLI::App& app, Txt2imgOptions& options);

constexpr const char* kOriginalCheckpoint = "models/ldm/text2img-large/model.ckpt";
constexpr const char* kOriginalConfig = "configs/latent-diffusion/txt2img-1p4B-eval.yaml";
constexpr double kOriginalScale = 5.0;
constexpr int kOriginalSide = 256;

}  // namespace easel::cli
