#pragma once

#include <filesystem>
#include <optional>

#include "pipeline/drawing/model_info.h"

namespace easel {

/// The configuration of a model: the one named, else `config.yaml` beside the checkpoint or the
/// checkpoint's name with .yaml; nothing when there is none. Throws kNotFound when the one named is
/// not there.
std::optional<std::filesystem::path> find_config(const ModelLocation& location);

/// The model itself where it is a folder, else the one that it lies in.
std::filesystem::path folder_of_model(const std::filesystem::path& model);

bool is_file(const std::filesystem::path& path);
bool is_folder(const std::filesystem::path& path);

}  // namespace easel
