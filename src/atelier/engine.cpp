#include "atelier/engine.h"

#include "pipeline/families.h"

namespace easel {
namespace {

// The folders are looked at when a model is opened: what is put there needs no restart.
ModelLocation with_folders(ModelLocation location, const EngineFolders& folders) {
  location.installed = folders.models;
  std::error_code ignored;
  if (std::filesystem::is_directory(folders.embeddings, ignored)) {
    location.embeddings.push_back(folders.embeddings);
  }
  return location;
}

}  // namespace

Engine make_engine(const DrawingOptions& drawing, const Installed& installed,
                   const EngineFolders& folders) {
  Engine engine;
  engine.loras = InstalledLoras(folders.loras);
  engine.open = [drawing, folders](const ModelEntry& model, bool for_checking) {
    DrawingOptions options = drawing;
    options.keep_text_encoder = true;
    if (for_checking) options.backend.threads = 1;
    return open_drawing_model(with_folders(model.location, folders), options);
  };
  const BackendOptions& backend = drawing.backend;
  engine.threads = backend.threads > 0 ? backend.threads : ThreadPool::available_threads();
  for (const ModelEntry& upscaler : installed.upscalers) {
    engine.enlargers.push_back(network_enlarger(upscaler.name, {.path = upscaler.location.path},
                                                backend, Reading::kWhenNeeded));
  }
  engine.enlargers.push_back(lanczos_enlarger());
  choose_default(engine.enlargers);
  return engine;
}

}  // namespace easel
