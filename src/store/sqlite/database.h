#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace easel {

class Query;

/// One connection to an SQLite file.
///
/// Debian 12's SQLite can lose commits when two connections write at once (fixed in 3.51.3): one
/// process has one kReadWrite connection, on one thread; all others are kReadOnly.
///
/// Errors of every call: kNoSpace (the disk is full), kInvalidFile (no database, or a broken one),
/// kIo.
///
/// Thread rule: one call at a time.
class Database {
 public:
  enum class Mode { kReadWrite, kReadOnly };

  /// kReadWrite makes the file if it is not there, with mode 0600.
  Database(const std::filesystem::path& file, Mode mode);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// Runs statements that return nothing.
  void script(const char* sql);

  /// Runs one statement with `?` bound in order; returns the rows it changed.
  template <typename... Args>
  std::int64_t execute(std::string_view sql, const Args&... args);

  /// Whether a transaction is open: SQLite ends one by itself when the disk is full.
  bool in_transaction() const;

 private:
  friend class Query;
  sqlite3_stmt* take(std::string_view sql);
  void give_back(std::string_view sql, sqlite3_stmt* statement);
  [[noreturn]] void fail_with(int code, std::string_view doing) const;
  std::int64_t changes() const;

  sqlite3* handle_ = nullptr;
  std::string name_;
  std::map<std::string, sqlite3_stmt*, std::less<>> idle_;  // prepared statements not in use
};

/// A statement that returns rows.
///
///     for (Query rows(db, "SELECT id FROM job WHERE state = ?", "done"); rows.next();) {
///       use(rows.text(0));
///     }
class Query {
 public:
  template <typename... Args>
  Query(Database& database, std::string_view sql, const Args&... args)
      : database_(database), sql_(sql), statement_(database.take(sql)) {
    int index = 0;
    (bind(++index, args), ...);
  }
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  void bind(int index, std::nullptr_t);
  void bind(int index, std::int64_t value);
  void bind(int index, int value) { bind(index, std::int64_t{value}); }
  void bind(int index, bool value) { bind(index, std::int64_t{value ? 1 : 0}); }
  void bind(int index, double value);
  void bind(int index, std::string_view value);
  void bind(int index, const std::string& value) { bind(index, std::string_view(value)); }
  void bind(int index, const char* value) { bind(index, std::string_view(value)); }
  void bind(int index, const std::optional<std::int64_t>& value);
  void bind(int index, const std::optional<int>& value);
  void bind(int index, const std::optional<double>& value);
  void bind(int index, const std::optional<std::string>& value);

  /// To the next row; false after the last.
  bool next();

  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  double real(int column) const;
  std::string text(int column) const;
  std::optional<std::int64_t> optional_integer(int column) const;
  std::optional<std::string> optional_text(int column) const;

 private:
  Database& database_;
  std::string sql_;
  sqlite3_stmt* statement_;
};

template <typename... Args>
std::int64_t Database::execute(std::string_view sql, const Args&... args) {
  Query query(*this, sql, args...);
  while (query.next()) {
  }
  return changes();
}

/// Everything between its making and keep() happens, or nothing. May be nested.
class Savepoint {
 public:
  explicit Savepoint(Database& database);
  ~Savepoint();
  Savepoint(const Savepoint&) = delete;
  Savepoint& operator=(const Savepoint&) = delete;
  void keep();

 private:
  Database& database_;
  bool open_ = true;
};

}  // namespace easel
