#include "pipeline/families/ldm/ldm_vocabulary.h"

#include <algorithm>

#include "core/error.h"
#include "pipeline/drawing/model_files.h"
#include "tokenizers/wordpiece.h"

namespace easel {
namespace {

namespace fs = std::filesystem;

using Vocabulary = std::unique_ptr<const Tokenizer>;

std::optional<fs::path> vocabulary_in(const fs::path& folder) {
  for (const fs::path name : {"vocab.txt", "tokenizer/vocab.txt"}) {
    if (is_file(folder / name)) return folder / name;
  }
  return std::nullopt;
}

Vocabulary read(const fs::path& file) {
  return std::make_unique<const WordPiece>(WordPiece::from_file(file));
}

// The folders of a folder, by name, so that the choice does not depend on the file system.
std::vector<fs::path> folders_in(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (is_folder(it->path())) found.push_back(it->path());
  }
  std::ranges::sort(found);
  return found;
}

Vocabulary read_checked(const fs::path& file, std::int64_t size) {
  Vocabulary vocabulary = read(file);
  if (vocabulary->size() != size) {
    fail(ErrorCode::kWrongModel, "the vocabulary '{}' has {} tokens, the model's text encoder {}",
         file.string(), vocabulary->size(), size);
  }
  return vocabulary;
}

// A vocabulary that fits, or null: what lies in other models' folders may be anything.
Vocabulary try_vocabulary(const fs::path& folder, std::int64_t size) {
  const auto file = vocabulary_in(folder);
  if (!file) return nullptr;
  try {
    Vocabulary vocabulary = read(*file);
    return vocabulary->size() == size ? std::move(vocabulary) : nullptr;
  } catch (const Error&) {
    return nullptr;
  }
}

}  // namespace

Vocabulary find_vocabulary(const ModelLocation& location, std::int64_t size) {
  if (location.vocab) return read_checked(*location.vocab, size);
  if (const auto beside = vocabulary_in(folder_of_model(location.path))) {
    return read_checked(*beside, size);
  }
  for (const fs::path& installed : location.installed) {
    if (auto vocabulary = try_vocabulary(installed, size)) return vocabulary;
    for (const fs::path& folder : folders_in(installed)) {
      if (auto vocabulary = try_vocabulary(folder, size)) return vocabulary;
    }
  }
  fail(ErrorCode::kNotFound,
       "no vocabulary of {} tokens beside '{}' or among the installed models: "
       "'easel fetch bert-base-uncased' installs BERT's, or name a vocab.txt",
       size, location.path.string());
}

std::unique_ptr<const KnownWords> find_known_words(const ModelLocation& location) {
  if (location.vocab) return nullptr;
  const fs::path folder = folder_of_model(location.path);
  const fs::path table = folder / "thesaurus.tsv";
  const auto vocabulary = vocabulary_in(folder);
  if (!vocabulary || !is_file(table)) return nullptr;
  return std::make_unique<const KnownWords>(KnownWords::from_files(*vocabulary, table));
}

}  // namespace easel
