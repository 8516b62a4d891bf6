#include "atelier/installed.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "core/error.h"

namespace easel {

namespace fs = std::filesystem;

namespace {

bool is_weights(const fs::path& file) {
  constexpr std::array<std::string_view, 5> kEndings = {".safetensors", ".ckpt", ".bin", ".pt",
                                                        ".pth"};
  return std::ranges::find(kEndings, file.extension().string()) != kEndings.end();
}

}  // namespace

bool holds_weights(const fs::path& model) {
  std::error_code error;
  if (!fs::is_directory(model, error)) return fs::exists(model, error);
  for (fs::recursive_directory_iterator it(model, error), end; !error && it != end;
       it.increment(error)) {
    if (is_weights(it->path())) return true;
  }
  return false;
}

ModelUse use_of(const fs::path& model) {
  if (!holds_weights(model)) return ModelUse::kNothing;
  return recognise(open_model_weights(model)).use;
}

Installed sort_installed(const std::vector<ModelEntry>& entries) {
  Installed installed;
  for (const ModelEntry& entry : entries) {
    ModelUse use = ModelUse::kTextToImage;
    try {
      use = use_of(entry.location.path);
    } catch (const Error&) {
      // Whoever opens it as a model hears what is wrong.
    }
    if (use == ModelUse::kTextToImage || entry.is_default) installed.models.push_back(entry);
    if (use == ModelUse::kUpscale) installed.upscalers.push_back(entry);
  }
  return installed;
}

}  // namespace easel
