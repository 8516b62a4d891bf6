#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/drawing/drawing_model.h"

namespace easel {

/// A model that can be asked for by name. Paths come from the person who started the server, never
/// from a client.
struct ModelEntry {
  std::string name;
  std::filesystem::path path;
  bool is_default = false;
};

/// Something that enlarges pictures.
struct Enlarger {
  std::string name;
  bool is_default = false;
  int scale = 0;  ///< of its network; 0: any
  /// To `factor` times the size. Throws kCancelled.
  std::function<Image(const Image& image, int factor, const CancelToken* cancel)> run;
};

/// What the server draws with.
struct Engine {
  /// Opens a model: its directory and configuration, no weights. `for_checking`: it will draw
  /// nothing, so it takes no threads of its own.
  std::function<std::unique_ptr<DrawingModel>(const ModelEntry& model, bool for_checking)> open;
  int threads = 1;  ///< that models draw with
  std::vector<Enlarger> enlargers;
};

/// What the person has installed, told apart.
struct Installed {
  std::vector<ModelEntry> models;
  struct Upscaler {
    std::string name;
    std::filesystem::path path;
  };
  std::vector<Upscaler> upscalers;
};
/// Looks into each file or folder. What is neither a text-to-image model nor an upscaler is left
/// out; what cannot be read stays among the models, which say why.
Installed sort_installed(const std::vector<ModelEntry>& entries);

/// The real one. `folders`: of installed models, where vocabularies may lie.
Engine make_engine(const BackendOptions& backend, const Installed& installed,
                   std::vector<std::filesystem::path> folders);

/// By name, the default for ""; null when there is none.
const Enlarger* find_enlarger(const std::vector<Enlarger>& enlargers, const std::string& name);
/// "esrgan, lanczos"
std::string names_of(const std::vector<Enlarger>& enlargers);

/// Lanczos, which needs no model.
Enlarger lanczos_enlarger();

}  // namespace easel
