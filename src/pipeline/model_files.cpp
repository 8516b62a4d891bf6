#include "pipeline/model_files.h"

#include <algorithm>

#include "core/error.h"

namespace easel {
namespace {

namespace fs = std::filesystem;

bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

bool is_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

fs::path folder_of(const fs::path& model) { return is_folder(model) ? model : model.parent_path(); }

std::optional<fs::path> vocabulary_in(const fs::path& folder) {
  for (const fs::path name : {"vocab.txt", "tokenizer/vocab.txt"}) {
    if (is_file(folder / name)) return folder / name;
  }
  return std::nullopt;
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

WordPiece read_checked(const fs::path& file, std::int64_t size) {
  WordPiece vocabulary = WordPiece::from_file(file);
  if (vocabulary.size() != size) {
    fail(ErrorCode::kWrongModel, "the vocabulary '{}' has {} tokens, the model's text encoder {}",
         file.string(), vocabulary.size(), size);
  }
  return vocabulary;
}

// A vocabulary that fits, or nothing: what lies in other models' folders may be anything.
std::optional<WordPiece> try_vocabulary(const fs::path& folder, std::int64_t size) {
  const auto file = vocabulary_in(folder);
  if (!file) return std::nullopt;
  try {
    WordPiece vocabulary = WordPiece::from_file(*file);
    if (vocabulary.size() == size) return vocabulary;
  } catch (const Error&) {
    return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

std::optional<fs::path> find_config(const ModelLocation& location) {
  if (location.config) {
    if (!is_file(*location.config)) {
      fail(ErrorCode::kNotFound, "the configuration '{}' is not there", location.config->string());
    }
    return location.config;
  }
  if (!is_folder(location.path)) {
    fs::path same_name = location.path;
    same_name.replace_extension(".yaml");
    if (is_file(same_name)) return same_name;
  }
  const fs::path beside = folder_of(location.path) / "config.yaml";
  return is_file(beside) ? std::optional(beside) : std::nullopt;
}

WordPiece find_vocabulary(const ModelLocation& location, std::int64_t size) {
  if (location.vocab) return read_checked(*location.vocab, size);
  if (const auto beside = vocabulary_in(folder_of(location.path))) {
    return read_checked(*beside, size);
  }
  for (const fs::path& installed : location.installed) {
    if (auto vocabulary = try_vocabulary(installed, size)) return *std::move(vocabulary);
    for (const fs::path& folder : folders_in(installed)) {
      if (auto vocabulary = try_vocabulary(folder, size)) return *std::move(vocabulary);
    }
  }
  fail(ErrorCode::kNotFound,
       "no vocabulary of {} tokens beside '{}' or among the installed models: "
       "'easel fetch bert-base-uncased' installs BERT's, or name a vocab.txt",
       size, location.path.string());
}

}  // namespace easel
