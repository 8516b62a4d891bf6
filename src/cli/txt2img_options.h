#pragma once

#include <CLI/App.hpp>
#include <string>

#include "cli/model_options.h"
#include "cli/script_options.h"
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
  bool laion400m = false;
  ScriptOptions script;
  ModelOptions model;  ///< --ckpt, --config, --vocab
};

/// Adds them to the command, with latent-diffusion's defaults.
void add_txt2img_options(CLI::App& app, Txt2imgOptions& options);

constexpr const char* kOriginalCheckpoint = "models/ldm/text2img-large/model.ckpt";
constexpr const char* kOriginalConfig = "configs/latent-diffusion/txt2img-1p4B-eval.yaml";
constexpr double kOriginalScale = 5.0;
constexpr int kOriginalSide = 256;

}  // namespace easel::cli
