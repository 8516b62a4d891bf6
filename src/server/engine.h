#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/text_to_image.h"

namespace easel::server {

/// A model that can be asked for by name. Paths come from the person who started the server, never
/// from a client.
struct ModelEntry {
  std::string name;
  std::filesystem::path path;
  bool is_default = false;
};

/// One opened model, as the server uses it. A set of functions, so that tests can draw without a
/// network. Thread rule: one call at a time.
struct Painter {
  ModelInfo info;
  std::string backend;  ///< "cpu"
  std::string target;   ///< "AVX2"
  int threads = 1;
  std::function<DrawRequest(const DrawRequest&)> checked;
  std::function<std::int64_t(const DrawRequest&)> memory_needed;
  std::function<std::vector<DrawnPicture>(const DrawRequest&, const DrawHooks&)> draw;
  std::function<void(const CancelToken*)> load;
  std::function<void()> release;
  std::function<LatentPreview()> fit_preview;
};

/// Something that enlarges pictures.
struct Upscaler {
  std::string name;
  bool is_default = false;
  int scale = 0;  ///< of its network; 0: any
  /// To `factor` times the size. Throws kCancelled.
  std::function<Image(const Image& image, int factor, const CancelToken* cancel)> run;
};

/// What the server draws with.
struct Engine {
  /// Opens a model: its directory and configuration, no weights. `for_checking`: only `checked`
  /// and `memory_needed` will be used, so it takes no threads of its own.
  std::function<std::unique_ptr<Painter>(const ModelEntry& model, bool for_checking)> open;
  std::vector<Upscaler> upscalers;
};

/// The real one. `installed`: folders of installed models, for vocabularies.
Engine make_engine(const BackendOptions& backend, std::vector<std::filesystem::path> installed);

/// Lanczos, which needs no model.
Upscaler lanczos_upscaler();

}  // namespace easel::server
