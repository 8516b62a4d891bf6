#include "pipeline/families/stable_diffusion/sd_vocabulary.h"

#include <optional>

#include "core/error.h"
#include "pipeline/drawing/model_files.h"

namespace easel {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPublished = "bpe_simple_vocab_16e6.txt.gz";

std::unique_ptr<const ClipBpe> read(const fs::path& path) {
  return std::make_unique<const ClipBpe>(is_folder(path) ? ClipBpe::from_folder(path)
                                                         : ClipBpe::from_file(path, kOpenAi));
}

// A vocabulary in a model's folder, in the layout of transformers or as CLIP's authors publish it.
std::optional<fs::path> vocabulary_in(const fs::path& folder) {
  for (const char* name : {"tokenizer", "tokenizer_2"}) {
    const fs::path inside = folder / name;
    if (is_file(inside / "vocab.json") && is_file(inside / "merges.txt")) return inside;
  }
  if (is_file(folder / kPublished)) return folder / kPublished;
  return std::nullopt;
}

}  // namespace

std::unique_ptr<const ClipBpe> find_clip_vocabulary(const ModelLocation& location) {
  if (location.vocab) return read(*location.vocab);
  if (const auto beside = vocabulary_in(folder_of_model(location.path))) return read(*beside);
  for (const fs::path& installed : location.installed) {
    if (const auto found = vocabulary_in(installed / "clip")) return read(*found);
  }
  fail(ErrorCode::kNotFound,
       "no vocabulary of CLIP beside '{}' or among the installed models, wanted {} in a folder "
       "'clip', or name one",
       location.path.string(), kPublished);
}

}  // namespace easel
