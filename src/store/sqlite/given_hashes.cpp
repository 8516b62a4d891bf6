#include "store/sqlite/given_hashes.h"

#include "recipe/fields.h"

namespace easel {

std::set<std::string> given_hashes(Database& database, std::string_view column,
                                   std::string_view rows) {
  const std::string json(column);
  const std::string sql = "SELECT DISTINCT iif(json_valid(" + json + "), json_extract(" + json +
                          ", ?), NULL) FROM (SELECT " + json + " FROM " + std::string(rows) + ")";
  std::set<std::string> hashes;
  for (const Field* field : {&fields::kInitHash, &fields::kMaskHash}) {
    Query found(database, sql, "$." + std::string(field->json));
    while (found.next()) {
      if (const auto hash = found.optional_text(0)) hashes.insert(*hash);
    }
  }
  return hashes;
}

}  // namespace easel
