#include "atelier/enlarger.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>
#include <utility>

#include "image/resize.h"
#include "recipe/fields.h"
#include "recipe/values.h"

namespace easel {
namespace {

// A network that is read once. The drawing thread's requests and uploads' take turns.
class SharedUpscaler {
 public:
  SharedUpscaler(UpscalerLocation location, UpscalerOptions options)
      : location_(std::move(location)), options_(std::move(options)) {}

  void read() {
    if (!network_) network_ = std::make_unique<Upscaler>(location_, options_);
  }
  Image run(const Image& image, double factor, const CancelToken* cancel) {
    const std::lock_guard lock(mutex_);
    if (cancel != nullptr) cancel->check();
    read();
    UpscaleHooks hooks;
    hooks.cancel = cancel;
    return network_->upscale(image, {.scale = factor}, hooks);
  }

 private:
  const UpscalerLocation location_;
  const UpscalerOptions options_;
  std::mutex mutex_;
  std::unique_ptr<Upscaler> network_;
};

Image resampled(const Image& image, double factor, const CancelToken* cancel) {
  if (cancel != nullptr) cancel->check();
  const auto side = [&](int size) {
    return std::max(1, static_cast<int>(std::lround(size * factor)));
  };
  return resize(image, {.width = side(image.width()), .height = side(image.height())},
                Resampling::kLanczos);
}

}  // namespace

Enlarger lanczos_enlarger() {
  return {.name = std::string(kLanczosName), .is_default = true, .scale = 0, .run = resampled};
}

Enlarger network_enlarger(std::string name, const UpscalerLocation& location,
                          const BackendOptions& backend, Reading reading) {
  const auto network = std::make_shared<SharedUpscaler>(
      location, UpscalerOptions{.backend = backend, .memory_limit = 0});
  if (reading == Reading::kNow) network->read();
  const auto run = [network](const Image& image, double factor, const CancelToken* cancel) {
    return network->run(image, factor, cancel);
  };
  return {.name = std::move(name), .is_default = false, .scale = 0, .run = run};
}

void choose_default(std::vector<Enlarger>& enlargers) {
  Enlarger* chosen = &enlargers.front();
  for (Enlarger& enlarger : enlargers) {
    enlarger.is_default = false;
    if (enlarger.name == fields::kUpscaler.usual) chosen = &enlarger;
  }
  chosen->is_default = true;
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

Image finished(const Image& drawn, const Enlarging& wanted, const Enlarger* enlarger,
               const CancelToken* cancel) {
  Image larger = wanted.factor ? enlarger->run(drawn, *wanted.factor, cancel) : drawn;
  if (!is_said(wanted.result)) return larger;
  return resize(larger, wanted.result, Resampling::kLanczos);
}

}  // namespace easel
