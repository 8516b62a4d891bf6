#include "store/sqlite/sheets.h"

#include "store/sqlite/columns.h"

namespace easel {
namespace {

struct SheetColumns {
  using Record = SheetRecord;
  template <typename R, typename Visit>
  static void visit(R& sheet, Visit&& column) {
    column("id", sheet.id);
    column("owner", sheet.owner);
    column("request", sheet.request);
    column("created", sheet.created);
  }
};

struct TimingColumns {
  using Record = TimingRecord;
  template <typename R, typename Visit>
  static void visit(R& timing, Visit&& column) {
    column("key", timing.key);
    column("step", timing.step);
    column("decode", timing.decode);
    column("runs", timing.runs);
  }
};

std::string select_sheets(std::string_view rest) {
  return "SELECT " + names_of<SheetColumns>() + " FROM sheet " + std::string(rest);
}

}  // namespace

std::optional<SheetRecord> SqliteSheets::find(const std::string& id) const {
  Query row(db_, select_sheets("WHERE id = ?"), id);
  return read_one<SheetColumns>(row);
}

std::vector<SheetRecord> SqliteSheets::newest(int limit) const {
  Query rows(db_, select_sheets("ORDER BY id DESC LIMIT ?"), limit);
  return read_rows<SheetColumns>(rows);
}

std::vector<std::string> SqliteSheets::jobs(const std::string& sheet, JobState state) const {
  std::vector<std::string> ids;
  Query rows(db_, "SELECT id FROM job WHERE sheet = ? AND state = ? ORDER BY cell", sheet,
             name_of(state));
  while (rows.next()) ids.push_back(rows.text(0));
  return ids;
}

void SqliteSheets::add(const SheetRecord& sheet) { insert_row<SheetColumns>(db_, "sheet", sheet); }

bool SqliteSheets::remove(const std::string& id) {
  return db_.execute("DELETE FROM sheet WHERE id = ?", id) > 0;
}

std::vector<TimingRecord> SqliteTimings::all() const {
  Query rows(db_, "SELECT " + names_of<TimingColumns>() + " FROM timing ORDER BY key");
  return read_rows<TimingColumns>(rows);
}

void SqliteTimings::put(const TimingRecord& timing) {
  db_.execute("DELETE FROM timing WHERE key = ?", timing.key);
  insert_row<TimingColumns>(db_, "timing", timing);
}

}  // namespace easel
