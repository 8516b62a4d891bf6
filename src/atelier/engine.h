#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "atelier/enlarger.h"
#include "atelier/installed.h"
#include "pipeline/drawing/drawing_model.h"

namespace easel {

/// What draws and enlarges.
struct Engine {
  /// Opens a model: its directory and configuration, no weights. `for_checking`: it will draw
  /// nothing, so it takes no threads of its own.
  std::function<std::unique_ptr<DrawingModel>(const ModelEntry& model, bool for_checking)> open;
  int threads = 1;  ///< that models draw with
  std::vector<Enlarger> enlargers;
};

/// The real one. `folders`: of installed models, where vocabularies may lie.
Engine make_engine(const BackendOptions& backend, const Installed& installed,
                   std::vector<std::filesystem::path> folders);

}  // namespace easel
