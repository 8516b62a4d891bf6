#include "cli/catalogue_names.h"

#include <algorithm>

namespace easel::cli {

Catalogue catalogue_of(const Places& places) {
  return {places.shipped_models / "default" / "catalogue.json", places.own_catalogue};
}

std::vector<MatrixEntry> entries_of(const Json& list) {
  std::vector<MatrixEntry> entries;
  for (const Json& entry : list)
    entries.push_back({entry.value("name", ""), entry.value("text", "")});
  return entries;
}

MatrixEntry entry_named(const std::vector<MatrixEntry>& all, const std::string& name) {
  const auto known = std::ranges::find_if(
      all, [&](const MatrixEntry& entry) { return entry.name == name || entry.text == name; });
  return known != all.end() ? *known : MatrixEntry{name, name};
}

}  // namespace easel::cli
