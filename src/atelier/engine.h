#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "atelier/enlarger.h"
#include "atelier/installed.h"
#include "atelier/loras.h"
#include "pipeline/drawing/drawing_model.h"

namespace easel {

/// What draws and enlarges.
struct Engine {
  /// Opens a model: its directory and configuration, no weights. `for_checking`: it will draw
  /// nothing, so it takes no threads of its own.
  std::function<std::unique_ptr<DrawingModel>(const ModelEntry& model, bool for_checking)> open;
  int threads = 1;  ///< that models draw with
  std::vector<Enlarger> enlargers;
  InstalledLoras loras;
};

/// Where what goes with models lies.
struct EngineFolders {
  std::vector<std::filesystem::path> models;  ///< installed ones, where vocabularies may lie
  std::filesystem::path loras;
  std::filesystem::path embeddings;  ///< may not exist
};

/// The real one.
Engine make_engine(const DrawingOptions& drawing, const Installed& installed,
                   const EngineFolders& folders);

}  // namespace easel
