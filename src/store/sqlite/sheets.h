#pragma once

#include "store/sqlite/database.h"
#include "store/tables.h"

namespace easel {

class SqliteSheets : public SheetTable {
 public:
  explicit SqliteSheets(Database& database) : db_(database) {}

  std::optional<SheetRecord> find(const std::string& id) const override;
  std::vector<SheetRecord> newest(int limit) const override;
  std::vector<std::string> jobs(const std::string& sheet, JobState state) const override;
  void add(const SheetRecord& sheet) override;
  bool remove(const std::string& id) override;

 private:
  Database& db_;
};

class SqliteTimings : public TimingTable {
 public:
  explicit SqliteTimings(Database& database) : db_(database) {}

  std::vector<TimingRecord> all() const override;
  void put(const TimingRecord& timing) override;

 private:
  Database& db_;
};

}  // namespace easel
