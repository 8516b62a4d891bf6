#include "cli/known_models.h"

#include <utility>
#include <vector>

namespace easel::cli {

namespace fs = std::filesystem;

KnownModels known_models(const ModelOptions& options, const Places& places,
                         const std::string& program) {
  const fs::path path = location_of(options, places, program).path;
  const fs::path name = path.has_filename() ? path : path.parent_path();
  KnownModels known{.all = {},
                    .wanted = {.name = name.stem().string(), .path = path, .is_default = true}};
  std::vector<ModelEntry> entries;
  bool installed = false;
  for (const InstalledModel& model : installed_models(places)) {
    std::error_code ignored;
    const bool is_wanted = fs::equivalent(model.folder, path, ignored);
    entries.push_back({.name = model.name, .path = model.folder, .is_default = is_wanted});
    if (is_wanted) known.wanted = entries.back();
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
