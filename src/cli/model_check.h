#pragma once

#include <filesystem>

#include "cli/places.h"

namespace easel::cli {

/// Whether a folder holds a text-to-image model rather than, say, only a vocabulary. Looks at names
/// alone.
bool is_text_to_image(const std::filesystem::path& folder);

/// Opens what was downloaded as drawing would, without reading weights: names, shapes and
/// configuration must fit. A folder with only a vocabulary needs nothing more than its checksum.
/// Throws what open_drawing_model does.
void check_fetched_model(const std::filesystem::path& folder, const Places& places);

}  // namespace easel::cli
