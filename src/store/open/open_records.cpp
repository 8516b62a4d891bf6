#include "store/open/open_records.h"

#include "store/sqlite/records.h"

namespace easel {

// The one place that chooses a database.
std::unique_ptr<Records> open_records(const DataFolder& folder) {
  return std::make_unique<SqliteRecords>(
      folder.path() / "easel.db",
      folder.claimed() ? SqliteRecords::Access::kWrite : SqliteRecords::Access::kRead);
}

}  // namespace easel
