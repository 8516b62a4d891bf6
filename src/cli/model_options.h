#pragma once

#include <CLI/App.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/places.h"
#include "pipeline/drawing/model_info.h"
#include "recipe/recipe.h"

namespace easel::cli {

/// The options that say which model draws, and how it is run.
struct ModelOptions {
  std::string model;  ///< file, folder or installed name; empty: the default
  std::string config;
  std::string vocab;
  std::string vae;                      ///< an autoencoder instead of the model's own
  std::vector<std::string> loras;       ///< FILE[:STRENGTH[:TEXT]] each
  std::vector<std::string> embeddings;  ///< files of textual inversions
  std::string prediction;  ///< "eps", "v": what the denoiser predicts; empty: as it says
  int threads = 0;         ///< 0: all that this process may use
  bool pin = false;        ///< keep each of them on a core of its own
  std::string precision = "fp32";
  std::string backend = "cpu";
  std::string upscaler;  ///< what enlarges drawn pictures; empty: the one that ships
};

void add_model_options(CLI::App& app, ModelOptions& options);
/// Of these only --precision, --threads, --pin and --backend.
void add_backend_options(CLI::App& app, ModelOptions& options);

/// Where the model lies. Throws kNotFound.
ModelLocation location_of(const ModelOptions& options, const Places& places,
                          const std::string& program);

/// Throws kUsage where there are fewer cores than threads to keep on them. For the main thread,
/// before anything is drawn.
DrawingOptions engine_options(const ModelOptions& options);

/// The command that draws a picture again, to be typed into a shell, with model and upscaler as
/// they were typed, and `more` words that it needs.
std::string command_again(Recipe recipe, const ModelOptions& options, const std::string& program,
                          std::vector<std::string> more = {});

/// A new seed from the system, below 2^32 (what torch's generator takes in).
std::uint64_t random_seed();

}  // namespace easel::cli
