#include "cli/prompted_model.h"

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/families.h"

namespace easel::cli {

DrawingModel& PromptedModel::open(const ModelOptions& options, const Recipe& recipe) {
  if (!model_ || options.model != name_ || options.loras != loras_) open_with(options, {});
  const bool reads = diffusion_of(recipe).reading.syntax != "plain" && model_->info().reads_signs;
  std::vector<LoraFile> asked;
  if (reads) asked = loras_in(recipe.prompt, spec_.places);
  if (asked != asked_) open_with(options, std::move(asked));
  return *model_;
}

Recipe PromptedModel::completed(const Recipe& recipe) const {
  Recipe whole = model_->completed(recipe);
  whole.model.name = model_->info().name;
  whole.model.loras = fmt::format("{}", fmt::join(loras_, ","));
  whole.arithmetic = model_->arithmetic();
  return whole;
}

void PromptedModel::open_with(const ModelOptions& options, std::vector<LoraFile> asked) {
  model_.reset();  // never two in memory
  DrawingOptions engine = engine_options(options);
  engine.keep_text_encoder = engine.keep_denoiser = spec_.keep_networks;
  ModelLocation location = location_of(options, spec_.places, spec_.program);
  location.loras.insert(location.loras.end(), asked.begin(), asked.end());
  model_ = open_drawing_model(location, engine);
  name_ = options.model;
  loras_ = options.loras;
  asked_ = std::move(asked);
  for (const std::string& note : model_->info().notes) {
    if (std::ranges::find(told_, note) != told_.end()) continue;
    told_.push_back(note);
    spec_.on_note(note);
  }
}

}  // namespace easel::cli
