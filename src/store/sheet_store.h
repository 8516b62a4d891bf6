#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/sqlite.h"

namespace easel {

/// A sheet of every subject in every style. Its cells are jobs that carry its id.
struct SheetRecord {
  std::string id;
  std::string owner;
  std::string request;  ///< JSON, complete
  std::int64_t created = 0;
};

/// The table of sheets of a database of schema.h. Calls throw kNoSpace, kIo.
class SheetStore {
 public:
  explicit SheetStore(Database& database) : db_(database) {}

  void add(const SheetRecord& sheet);
  std::optional<SheetRecord> find(const std::string& id);
  std::vector<SheetRecord> newest(int limit);
  bool remove(const std::string& id);
  /// Ids of the sheet's jobs in a state.
  std::vector<std::string> jobs(const std::string& sheet, std::string_view state);

 private:
  Database& db_;
};

}  // namespace easel
