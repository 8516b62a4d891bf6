#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cli/lora_options.h"
#include "cli/model_options.h"
#include "cli/places.h"
#include "pipeline/drawing/drawing_model.h"

namespace easel::cli {

/// The model that a command draws with, opened again where a prompt asks for other LoRAs than the
/// one before it. One at a time is held.
class PromptedModel {
 public:
  struct Spec {
    const Places& places;
    std::string program;
    bool keep_networks = false;  ///< text encoder and denoiser: more than one drawing follows
    /// Told what there is to say of the model, each once.
    std::function<void(const std::string&)> on_note;
  };
  explicit PromptedModel(Spec spec) : spec_(std::move(spec)) {}

  /// The model of the options with the LoRAs that the recipe's prompt names. Valid until the next
  /// call. Throws as open_drawing_model and loras_in.
  DrawingModel& open(const ModelOptions& options, const Recipe& recipe);
  /// A recipe as the model that was opened last draws it, with what there is to say of that model.
  Recipe completed(const Recipe& recipe) const;

 private:
  void open_with(const ModelOptions& options, std::vector<LoraFile> asked);

  const Spec spec_;
  std::unique_ptr<DrawingModel> model_;
  std::string name_;                // as the options had it
  std::vector<std::string> loras_;  // the same
  std::vector<LoraFile> asked_;     // by the prompt
  std::vector<std::string> told_;
};

}  // namespace easel::cli
