#include "atelier/engine.h"

#include <utility>

#include "pipeline/families.h"

namespace easel {
Engine make_engine(const BackendOptions& backend, const Installed& installed,
                   std::vector<std::filesystem::path> folders) {
  Engine engine;
  engine.open = [backend, folders = std::move(folders)](const ModelEntry& model,
                                                        bool for_checking) {
    DrawingOptions options{.backend = backend, .keep_text_encoder = true};
    if (for_checking) options.backend.threads = 1;
    return open_drawing_model({.path = model.path, .config = {}, .vocab = {}, .installed = folders},
                              options);
  };
  engine.threads = backend.threads > 0 ? backend.threads : ThreadPool::available_threads();
  for (const ModelEntry& upscaler : installed.upscalers) {
    engine.enlargers.push_back(
        network_enlarger(upscaler.name, {.path = upscaler.path}, backend, Reading::kWhenNeeded));
  }
  engine.enlargers.push_back(lanczos_enlarger());
  choose_default(engine.enlargers);
  return engine;
}

}  // namespace easel
