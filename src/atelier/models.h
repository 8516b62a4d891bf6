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

  /// The entry that draws a recipe: its model's, with the LoRAs that it asks for. Throws
  /// kNotFound.
  ModelEntry entry_for(const Recipe& recipe) const;
  /// Of all files that a recipe's pixels depend on. REQUIRES: its model is there
  std::string fingerprint_for(const Recipe& recipe) const;
  const InstalledLoras& loras() const { return loras_; }

  /// Which one has its weights in memory, told by the drawing thread.
  std::string loaded;
  bool loading = false;

  Json list() const;

 private:
  std::vector<Model> models_;
  InstalledLoras loras_;
};

}  // namespace easel
