#include "pipeline/families/stable_diffusion/sd_embeddings.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "core/printable.h"
#include "pipeline/drawing/model_files.h"

namespace easel {
namespace {

namespace fs = std::filesystem;

EmbeddingWidths widths_of(const SdConfig& config) {
  EmbeddingWidths widths{.first = static_cast<int>(config.texts.front().network.channels)};
  if (config.texts.size() > 1) {
    widths.second = static_cast<int>(config.texts.back().network.channels);
  }
  return widths;
}

bool may_be_embedding(const fs::path& file) {
  const std::string ending = file.extension().string();
  return ending == ".pt" || ending == ".bin" || ending == ".safetensors";
}

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (may_be_embedding(it->path())) files.push_back(it->path());
  }
  std::ranges::sort(files);
  return files;
}

TextualInversion open_fitting(const fs::path& file, const EmbeddingWidths& widths) {
  TextualInversion embedding = open_textual_inversion(file);
  check_widths(embedding, widths);
  return embedding;
}

}  // namespace

std::vector<TextualInversion> open_embeddings(const std::vector<fs::path>& places,
                                              const SdConfig& config,
                                              std::vector<std::string>& notes) {
  const EmbeddingWidths widths = widths_of(config);
  std::vector<TextualInversion> embeddings;
  for (const fs::path& place : places) {
    if (!is_folder(place)) {
      embeddings.push_back(open_fitting(place, widths));
      continue;
    }
    for (const fs::path& file : files_in(place)) {
      try {
        embeddings.push_back(open_fitting(file, widths));
      } catch (const Error& error) {
        notes.push_back(fmt::format("the embedding '{}' is left out: {}",
                                    printable(file.filename().string()), error.what()));
      }
    }
  }
  return embeddings;
}

}  // namespace easel
