#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/json.h"
#include "recipe/forms.h"
#include "store/sqlite/database.h"

namespace easel {

// A table's columns are listed once, in a struct such as
//
//     struct SheetColumns {
//       using Record = SheetRecord;
//       template <typename R, typename Visit>
//       static void visit(R& sheet, Visit&& column) {
//         column("id", sheet.id);
//         column("owner", sheet.owner);
//       }
//     };
//
// and from the list come the statements that read and write rows, what they bind, and records.

inline void read_field(const Query& row, int at, std::string& field) { field = row.text(at); }
inline void read_field(const Query& row, int at, std::int64_t& field) { field = row.integer(at); }
inline void read_field(const Query& row, int at, double& field) { field = row.real(at); }
inline void read_field(const Query& row, int at, bool& field) { field = row.integer(at) != 0; }
inline void read_field(const Query& row, int at, int& field) {
  field = static_cast<int>(row.integer(at));
}
// SQLite has no unsigned integers: the bits are kept.
inline void read_field(const Query& row, int at, std::uint64_t& field) {
  field = static_cast<std::uint64_t>(row.integer(at));
}
inline void bind_field(Query& query, int at, std::uint64_t field) {
  query.bind(at, static_cast<std::int64_t>(field));
}
// As JSON, whole; what is searched has columns of its own besides.
inline void read_field(const Query& row, int at, Recipe& field) {
  field = recipe_from_json(Json::try_parse(row.text(at)).value_or(nullptr));
}
inline void bind_field(Query& query, int at, const Recipe& field) {
  query.bind(at, to_json(field).dump());
}
// A list of words; what is none reads as empty, so that one odd row stops nothing.
inline void read_field(const Query& row, int at, std::vector<std::string>& field) {
  const Json list = Json::try_parse(row.text(at)).value_or(nullptr);
  field.clear();
  for (const Json& word : list) field.push_back(word.is_string() ? word.text() : "");
}
inline void bind_field(Query& query, int at, const std::vector<std::string>& field) {
  if (!field.empty()) query.bind(at, Json(field).dump());
}
template <typename Field>
void bind_field(Query& query, int at, const Field& field) {
  query.bind(at, field);
}

template <typename Field>
void read_field(const Query& row, int at, std::optional<Field>& field) {
  field.reset();
  if (!row.is_null(at)) read_field(row, at, field.emplace());
}
template <typename Field>
void bind_field(Query& query, int at, const std::optional<Field>& field) {
  if (field) bind_field(query, at, *field);  // a parameter that is not bound is null
}

/// "id, owner", each after `prefix`.
template <typename Columns>
std::string names_of(std::string_view prefix = "") {
  std::string names;
  typename Columns::Record record;
  Columns::visit(record, [&](const char* name, const auto&) {
    if (!names.empty()) names += ", ";
    names += prefix;
    names += name;
  });
  return names;
}

/// Of a statement that selects names_of<Columns>() first.
template <typename Columns>
typename Columns::Record read_row(const Query& row) {
  typename Columns::Record record;
  int at = 0;
  Columns::visit(record, [&](const char*, auto& field) { read_field(row, at++, field); });
  return record;
}

template <typename Columns>
std::vector<typename Columns::Record> read_rows(Query& rows) {
  std::vector<typename Columns::Record> records;
  while (rows.next()) records.push_back(read_row<Columns>(rows));
  return records;
}

template <typename Columns>
std::optional<typename Columns::Record> read_one(Query& rows) {
  if (!rows.next()) return std::nullopt;
  return read_row<Columns>(rows);
}

/// INSERT of a record; `more` are columns besides those of the record, with their values in order.
template <typename Columns, typename... Values>
void insert_row(Database& database, std::string_view table, const typename Columns::Record& record,
                std::string_view more = "", const Values&... values) {
  std::string places;
  Columns::visit(record, [&](const char*, const auto&) { places += places.empty() ? "?" : ", ?"; });
  for (std::size_t i = 0; i < sizeof...(values); ++i) places += ", ?";
  std::string sql = "INSERT INTO " + std::string(table) + "(" + names_of<Columns>();
  if (!more.empty()) sql += ", " + std::string(more);
  Query insert(database, sql + ") VALUES(" + places + ")");
  int at = 0;
  Columns::visit(record, [&](const char*, const auto& field) { bind_field(insert, ++at, field); });
  (bind_field(insert, ++at, values), ...);
  insert.next();
}

}  // namespace easel
