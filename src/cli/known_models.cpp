#include "cli/known_models.h"

#include <utility>
#include <vector>

#include "core/error.h"

namespace easel::cli {

namespace fs = std::filesystem;

KnownModels known_models(const ModelOptions& options, const Places& places,
                         const std::string& program) {
  if (!options.loras.empty()) {
    fail(ErrorCode::kUsage,
         "--lora is for 'easel draw': put the file into '{}' and ask for it in the prompt, as "
         "<lora:NAME:0.8>",
         (places.data / "loras").string());
  }
  ModelLocation location = location_of(options, places, program);
  location.embeddings.assign(options.embeddings.begin(), options.embeddings.end());
  const fs::path path = location.path;
  const fs::path name = path.has_filename() ? path : path.parent_path();
  KnownModels known{
      .all = {},
      .wanted = {
          .name = name.stem().string(), .location = std::move(location), .is_default = true}};
  std::vector<ModelEntry> entries;
  bool installed = false;
  for (const InstalledModel& model : installed_models(places)) {
    std::error_code ignored;
    const bool is_wanted = fs::equivalent(model.folder, path, ignored);
    if (is_wanted) known.wanted.name = model.name;
    entries.push_back(is_wanted ? known.wanted
                                : ModelEntry{.name = model.name,
                                             .location = {.path = model.folder},
                                             .is_default = false});
    installed |= is_wanted;
  }
  if (!installed) entries.push_back(known.wanted);
  known.all = sort_installed(entries);
  return known;
}

EngineFolders engine_folders(const Places& places) {
  return {.models = places.model_folders(),
          .loras = places.data / "loras",
          .embeddings = places.data / "embeddings"};
}

void check_fetched_model(const fs::path& folder, const Places& places) {
  if (!holds_weights(folder)) return;
  open_drawing_model({.path = folder, .installed = places.model_folders()}, {});
}

void check_fetched_part(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    const fs::path ending = entry.path().extension();
    if (ending == ".safetensors" || ending == ".ckpt") open_weights(entry.path());
  }
}

}  // namespace easel::cli
