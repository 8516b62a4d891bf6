#include "server/engine.h"

#include <utility>

namespace easel::server {

Engine make_engine(const BackendOptions& backend, std::vector<std::filesystem::path> installed) {
  Engine engine;
  engine.open = [backend, installed = std::move(installed)](const ModelEntry& model,
                                                            bool for_checking) {
    TextToImageOptions options{.backend = backend, .keep_text_encoder = true};
    if (for_checking) options.backend.threads = 1;
    const auto network = std::make_shared<TextToImage>(
        ModelLocation{.path = model.path, .config = {}, .vocab = {}, .installed = installed},
        options);
    auto painter = std::make_unique<Painter>();
    painter->info = network->info();
    painter->backend = network->backend().name();
    painter->target = network->backend().target();
    painter->threads = backend.threads > 0 ? backend.threads : ThreadPool::available_threads();
    painter->checked = [network](const DrawRequest& request) { return network->checked(request); };
    painter->memory_needed = [network](const DrawRequest& request) {
      return network->memory_needed(request);
    };
    painter->draw = [network](const DrawRequest& request, const DrawHooks& hooks) {
      return network->draw(request, hooks);
    };
    painter->load = [network](const CancelToken* cancel) { network->load(cancel); };
    painter->release = [network] { network->release(); };
    painter->fit_preview = [network] { return network->fit_preview(); };
    return painter;
  };
  engine.upscalers = {lanczos_upscaler()};
  return engine;
}

}  // namespace easel::server
