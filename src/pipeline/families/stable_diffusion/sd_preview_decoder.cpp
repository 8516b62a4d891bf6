#include "pipeline/families/stable_diffusion/sd_preview_decoder.h"

#include <fmt/format.h>

#include <optional>
#include <string>

#include "core/error.h"
#include "core/printable.h"
#include "pipeline/drawing/model_files.h"
#include "pipeline/parts/taesd_codec.h"
#include "weights/maps/autoencoder.h"

namespace easel {
namespace {

namespace fs = std::filesystem;

// "taesd_decoder.safetensors", as its author publishes it.
std::optional<fs::path> installed_decoder(const ModelLocation& location, std::string_view name) {
  const std::string file = std::string(name) + "_decoder.safetensors";
  for (const fs::path& folder : location.installed) {
    if (is_file(folder / name / file)) return folder / name / file;
  }
  return std::nullopt;
}

}  // namespace

void add_preview_decoder(const ModelLocation& location, SdConfig& config, DiffusionParts& parts) {
  const auto file = installed_decoder(location, config.member->tiny_autoencoder);
  if (!file || parts.weights->contains_prefix("taesd.")) return;
  try {
    auto weights = std::make_unique<const Weights>(
        with_autoencoder(Weights(WeightsFormat::kMemory, {}), open_weights(*file)));
    parts.preview_decoder = std::make_unique<TaesdCodec>(*parts.backend, Scope(*weights) / "taesd");
    parts.preview_weights = std::move(weights);
  } catch (const Error& error) {
    config.notes.push_back(fmt::format("the preview decoder '{}' is left out: {}",
                                       printable(file->string()), error.what()));
  }
}

}  // namespace easel
