#include "pipeline/drawing/model_files.h"

#include "core/error.h"

namespace easel {

namespace fs = std::filesystem;

bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

bool is_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

fs::path folder_of_model(const fs::path& model) {
  return is_folder(model) ? model : model.parent_path();
}

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
  const fs::path beside = folder_of_model(location.path) / "config.yaml";
  return is_file(beside) ? std::optional(beside) : std::nullopt;
}

}  // namespace easel
