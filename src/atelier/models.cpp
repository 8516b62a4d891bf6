#include "atelier/models.h"

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "core/sha256.h"

namespace easel {
namespace {

namespace fs = std::filesystem;

constexpr int kMostFiles = 1000;

// Sizes and times of a model's files stand for their bytes: reading gigabytes to tell two models
// apart would take longer than drawing.
std::string fingerprint_of(const fs::path& path) {
  std::vector<std::string> facts;
  const auto note = [&](const fs::path& file) {
    std::error_code error;
    const auto size = fs::file_size(file, error);
    if (error) return;
    const auto time = fs::last_write_time(file, error).time_since_epoch().count();
    facts.push_back(file.filename().string() + " " + std::to_string(size) + " " +
                    std::to_string(time));
  };
  std::error_code error;
  if (fs::is_directory(path, error)) {
    int files = 0;
    for (fs::recursive_directory_iterator it(path, error), end; !error && it != end;
         it.increment(error)) {
      if (++files > kMostFiles) break;
      const std::string ending = it->path().extension().string();
      // Only what drawing depends on: a catalogue or a card beside it may change.
      if (ending == ".safetensors" || ending == ".ckpt" || ending == ".bin" || ending == ".yaml" ||
          ending == ".pt" || ending == ".pth" || ending == ".txt") {
        note(it->path());
      }
    }
  } else {
    note(path);
  }
  std::sort(facts.begin(), facts.end());
  std::string all;
  for (const std::string& fact : facts) all += fact + "\n";
  return sha256_hex(all);
}

// Of the model and of what it was told to be opened with.
std::string fingerprint_of(const ModelLocation& location) {
  std::string all = fingerprint_of(location.path);
  for (const auto& file : {location.config, location.vocab, location.autoencoder}) {
    if (file) all += fingerprint_of(*file);
  }
  for (const fs::path& file : location.embeddings) all += fingerprint_of(file);
  if (location.prediction) all += name_of(*location.prediction);
  return all;
}

}  // namespace

Models::Models(const Engine& engine, std::vector<ModelEntry> entries) : loras_(engine.loras) {
  for (ModelEntry& entry : entries) {
    Model model{.entry = std::move(entry), .probe = nullptr, .error = {}, .fingerprint = {}};
    try {
      model.probe = engine.open(model.entry, true);
      model.fingerprint = fingerprint_of(model.entry.location);
    } catch (const Error& error) {
      if (model.entry.is_default) throw;
      model.error = error.what();
    }
    models_.push_back(std::move(model));
  }
  if (std::none_of(models_.begin(), models_.end(),
                   [](const Model& model) { return model.entry.is_default; })) {
    fail(ErrorCode::kNotFound, "there is no model to draw with");
  }
}

const Models::Model* Models::find(const std::string& name) const {
  if (name.empty()) return &default_model();
  for (const Model& model : models_) {
    if (model.entry.name == name) return &model;
  }
  return nullptr;
}

const Models::Model& Models::default_model() const {
  return *std::find_if(models_.begin(), models_.end(),
                       [](const Model& model) { return model.entry.is_default; });
}

ModelEntry Models::entry_for(const Recipe& recipe) const {
  const Model* model = find(recipe.model.name);
  if (model == nullptr || !model->probe) {
    fail(ErrorCode::kNotFound, "model '{}' is not installed any more", recipe.model.name);
  }
  ModelEntry entry = model->entry;
  entry.location.loras = loras_of(recipe, loras_, model->probe->info().reads_signs);
  return entry;
}

std::string Models::fingerprint_for(const Recipe& recipe) const {
  std::string all = find(recipe.model.name)->fingerprint;
  for (const LoraFile& lora : entry_for(recipe).location.loras) all += fingerprint_of(lora.path);
  return all;
}

Json Models::list() const {
  Json items = Json::array();
  for (const Model& model : models_) {
    Json item = {{"name", model.entry.name},
                 {"default", model.entry.is_default},
                 {"loaded", model.entry.name == loaded}};
    if (!model.probe) {
      item["error"] = model.error;
      items.push_back(std::move(item));
      continue;
    }
    const ModelInfo& info = model.probe->info();
    item.update({{"family", info.family},
                 {"native_width", info.native_width},
                 {"native_height", info.native_height},
                 {"size_multiple", info.size_multiple},
                 {"max_side", info.max_side},
                 {"max_steps", std::min(info.schedule_steps, 1000)},
                 {"latent_channels", info.latent_channels},
                 {"default_sampler", info.defaults.sampler},
                 {"default_steps", info.defaults.steps},
                 {"default_scale", info.defaults.scale},
                 {"parameters", info.parameters},
                 {"notes", info.notes}});
    items.push_back(std::move(item));
  }
  return {{"items", std::move(items)}};
}

}  // namespace easel
