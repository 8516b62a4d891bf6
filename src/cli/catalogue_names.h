#pragma once

#include <string>
#include <vector>

#include "atelier/catalogue.h"
#include "atelier/matrix.h"
#include "cli/places.h"

namespace easel::cli {

/// The menus' subjects and styles, the person's own among them.
Catalogue catalogue_of(const Places& places);

/// Of a list of Catalogue::to_json.
std::vector<MatrixEntry> entries_of(const Json& list);

/// The entry that a person named, by its name or its words; one of those words where there is none.
MatrixEntry entry_named(const std::vector<MatrixEntry>& all, const std::string& name);

}  // namespace easel::cli
