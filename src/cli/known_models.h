#pragma once

#include <filesystem>
#include <string>

#include "atelier/engine.h"
#include "atelier/installed.h"
#include "cli/model_options.h"
#include "cli/places.h"

namespace easel::cli {

/// All that can be asked for by name, and the model that a person named, under its name.
struct KnownModels {
  Installed all;
  ModelEntry wanted;
};

/// What is installed, and what the options name, which is the default. Throws kNotFound where that
/// is not there.
KnownModels known_models(const ModelOptions& options, const Places& places,
                         const std::string& program);

/// Where what goes with models lies on this computer.
EngineFolders engine_folders(const Places& places);

/// Opens what was downloaded as drawing would, without reading weights: names, shapes and
/// configuration must fit. A folder with only a vocabulary needs nothing more than its checksum.
/// Throws what open_drawing_model does.
void check_fetched_model(const std::filesystem::path& folder, const Places& places);

/// Opens the directory of each file of tensors in a folder: a part of a model, or changes to one.
/// Throws what open_weights does.
void check_fetched_part(const std::filesystem::path& folder);

}  // namespace easel::cli
