#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "atelier/engine.h"
#include "core/json.h"

namespace easel {

/// What the loop knows of the installed models: enough to check requests, no weights. The drawing
/// thread opens models of its own.
class Models {
 public:
  /// Opens every model's directory. One that cannot be opened is listed with the reason. Throws
  /// what opening the default one throws.
  Models(const Engine& engine, std::vector<ModelEntry> entries);

  struct Model {
    ModelEntry entry;
    std::unique_ptr<DrawingModel> probe;  ///< null when it cannot be opened
    std::string error;
    /// Changes when its files do: pictures of other files are other pictures.
    std::string fingerprint;
  };

  const std::vector<Model>& all() const { return models_; }
  /// By name; the default for "". Null when there is none.
  const Model* find(const std::string& name) const;
  const Model& default_model() const;

  /// Which one has its weights in memory, told by the drawing thread.
  std::string loaded;
  bool loading = false;

  Json list() const;

 private:
  std::vector<Model> models_;
};

}  // namespace easel
