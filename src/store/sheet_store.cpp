#include "store/sheet_store.h"

namespace easel {
namespace {

SheetRecord record_of(const Query& row) {
  return {row.text(0), row.text(1), row.text(2), row.integer(3)};
}

}  // namespace

void SheetStore::add(const SheetRecord& sheet) {
  db_.execute("INSERT INTO sheet(id, owner, request, created) VALUES(?, ?, ?, ?)", sheet.id,
              sheet.owner, sheet.request, sheet.created);
}

std::optional<SheetRecord> SheetStore::find(const std::string& id) {
  Query row(db_, "SELECT id, owner, request, created FROM sheet WHERE id = ?", id);
  if (!row.next()) return std::nullopt;
  return record_of(row);
}

std::vector<SheetRecord> SheetStore::newest(int limit) {
  std::vector<SheetRecord> sheets;
  Query rows(db_, "SELECT id, owner, request, created FROM sheet ORDER BY id DESC LIMIT ?", limit);
  while (rows.next()) sheets.push_back(record_of(rows));
  return sheets;
}

bool SheetStore::remove(const std::string& id) {
  return db_.execute("DELETE FROM sheet WHERE id = ?", id) > 0;
}

std::vector<std::string> SheetStore::jobs(const std::string& sheet, std::string_view state) {
  std::vector<std::string> ids;
  Query rows(db_, "SELECT id FROM job WHERE sheet = ? AND state = ? ORDER BY cell", sheet, state);
  while (rows.next()) ids.push_back(rows.text(0));
  return ids;
}

}  // namespace easel
