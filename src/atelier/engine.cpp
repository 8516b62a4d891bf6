#include "atelier/engine.h"

#include <mutex>
#include <utility>

#include "core/error.h"
#include "pipeline/families.h"
#include "pipeline/upscale.h"

namespace easel {
namespace {

// A network that is read when it is first needed. Requests of the drawing thread and of uploads
// take turns.
struct LazyUpscaler {
  UpscalerLocation location;
  UpscalerOptions options;
  std::mutex mutex = {};
  std::unique_ptr<easel::Upscaler> network = nullptr;

  Image run(const Image& image, int factor, const CancelToken* cancel) {
    const std::lock_guard lock(mutex);
    if (!network) network = std::make_unique<easel::Upscaler>(location, options);
    UpscaleHooks hooks;
    hooks.cancel = cancel;
    return network->upscale(image, {.scale = static_cast<double>(factor)}, hooks);
  }
};

Enlarger enlarger_for(const Installed::Upscaler& upscaler, const BackendOptions& backend) {
  const auto lazy =
      std::make_shared<LazyUpscaler>(UpscalerLocation{.path = upscaler.path, .blend = {}},
                                     UpscalerOptions{.backend = backend, .memory_limit = 0});
  return {.name = upscaler.name,
          .is_default = false,
          .scale = 0,
          .run = [lazy](const Image& image, int factor, const CancelToken* cancel) {
            return lazy->run(image, factor, cancel);
          }};
}

}  // namespace

Installed sort_installed(const std::vector<ModelEntry>& entries) {
  Installed installed;
  for (const ModelEntry& entry : entries) {
    ModelUse use = ModelUse::kTextToImage;
    try {
      use = recognise(open_model_weights(entry.path)).use;
    } catch (const Error&) {
      // Whoever opens it as a model hears what is wrong.
    }
    if (use == ModelUse::kTextToImage || entry.is_default) installed.models.push_back(entry);
    if (use == ModelUse::kUpscale) installed.upscalers.push_back({entry.name, entry.path});
  }
  return installed;
}

const Enlarger* find_enlarger(const std::vector<Enlarger>& enlargers, const std::string& name) {
  for (const Enlarger& enlarger : enlargers) {
    if (name.empty() ? enlarger.is_default : enlarger.name == name) return &enlarger;
  }
  return nullptr;
}

std::string names_of(const std::vector<Enlarger>& enlargers) {
  std::string names;
  for (const Enlarger& enlarger : enlargers) names += (names.empty() ? "" : ", ") + enlarger.name;
  return names;
}

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
  for (const Installed::Upscaler& upscaler : installed.upscalers) {
    engine.enlargers.push_back(enlarger_for(upscaler, backend));
  }
  engine.enlargers.push_back(lanczos_enlarger());
  // The one that came with Easel, where it did; else any network; else plain resampling.
  Enlarger* chosen = &engine.enlargers.front();
  for (Enlarger& enlarger : engine.enlargers) {
    enlarger.is_default = false;
    if (enlarger.name == "upscaler") chosen = &enlarger;
  }
  chosen->is_default = true;
  return engine;
}

}  // namespace easel
