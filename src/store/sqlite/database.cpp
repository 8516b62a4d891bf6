#include "store/sqlite/database.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include <cerrno>

#include "core/error.h"

namespace easel {
namespace {

constexpr int kBusyMilliseconds = 5000;

}  // namespace

Database::Database(const std::filesystem::path& file, Mode mode) : name_(file.string()) {
  const bool writes = mode == Mode::kReadWrite;
  const int flags = SQLITE_OPEN_NOMUTEX |
                    (writes ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
  const mode_t before = umask(0077);
  const int code = sqlite3_open_v2(name_.c_str(), &handle_, flags, nullptr);
  umask(before);
  if (code != SQLITE_OK) {
    const std::string reason = handle_ != nullptr ? sqlite3_errmsg(handle_) : "no memory";
    sqlite3_close(handle_);
    fail(ErrorCode::kIo, "could not open {}: {}", name_, reason);
  }
  try {
    sqlite3_extended_result_codes(handle_, 1);
    sqlite3_busy_timeout(handle_, kBusyMilliseconds);
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    script("PRAGMA mmap_size = 0; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY");
    if (writes) {
      script("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    } else {
      sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    }
  } catch (...) {
    sqlite3_close(handle_);
    throw;
  }
}

Database::~Database() {
  for (const auto& [sql, statement] : idle_) sqlite3_finalize(statement);
  sqlite3_close(handle_);
}

void Database::script(const char* sql) {
  const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail_with(code, sql);
}

bool Database::in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }

std::int64_t Database::changes() const { return sqlite3_changes64(handle_); }

sqlite3_stmt* Database::take(std::string_view sql) {
  if (const auto found = idle_.find(sql); found != idle_.end()) {
    sqlite3_stmt* statement = found->second;
    idle_.erase(found);
    return statement;
  }
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) fail_with(code, sql);
  return statement;
}

void Database::give_back(std::string_view sql, sqlite3_stmt* statement) {
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  if (!idle_.try_emplace(std::string(sql), statement).second) sqlite3_finalize(statement);
}

void Database::fail_with(int code, std::string_view doing) const {
  const int primary = code & 0xff;
  const std::string reason = sqlite3_errmsg(handle_);
  if (primary == SQLITE_FULL || sqlite3_system_errno(handle_) == ENOSPC) {
    fail(ErrorCode::kNoSpace, "the disk is full: could not write {}", name_);
  }
  if (primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB) {
    fail(ErrorCode::kInvalidFile, "{} is no sound database: {}", name_, reason);
  }
  fail(ErrorCode::kIo, "{} (code {}) in {} while doing '{}'", reason, code, name_,
       doing.substr(0, 80));
}

Query::~Query() { database_.give_back(sql_, statement_); }

void Query::bind(int index, std::nullptr_t) { sqlite3_bind_null(statement_, index); }
void Query::bind(int index, std::int64_t value) { sqlite3_bind_int64(statement_, index, value); }
void Query::bind(int index, double value) { sqlite3_bind_double(statement_, index, value); }
void Query::bind(int index, std::string_view value) {
  sqlite3_bind_text64(statement_, index, value.data() == nullptr ? "" : value.data(), value.size(),
                      SQLITE_TRANSIENT, SQLITE_UTF8);
}

void Query::bind(int index, const std::optional<std::int64_t>& value) {
  if (value) bind(index, *value);  // a parameter that is not bound is null
}
void Query::bind(int index, const std::optional<int>& value) {
  if (value) bind(index, *value);
}
void Query::bind(int index, const std::optional<double>& value) {
  if (value) bind(index, *value);
}
void Query::bind(int index, const std::optional<std::string>& value) {
  if (value) bind(index, *value);
}

bool Query::next() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) database_.fail_with(code, sql_);
  return false;
}

bool Query::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}
std::int64_t Query::integer(int column) const { return sqlite3_column_int64(statement_, column); }
double Query::real(int column) const { return sqlite3_column_double(statement_, column); }

std::string Query::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  const int bytes = sqlite3_column_bytes(statement_, column);
  return data == nullptr ? std::string() : std::string(data, static_cast<std::size_t>(bytes));
}

std::optional<std::int64_t> Query::optional_integer(int column) const {
  if (is_null(column)) return std::nullopt;
  return integer(column);
}

std::optional<std::string> Query::optional_text(int column) const {
  if (is_null(column)) return std::nullopt;
  return text(column);
}

Savepoint::Savepoint(Database& database) : database_(database) {
  database_.script("SAVEPOINT easel");
}

Savepoint::~Savepoint() {
  if (!open_ || !database_.in_transaction()) return;
  try {
    database_.script("ROLLBACK TO easel; RELEASE easel");
  } catch (const Error&) {
    // The transaction is broken; whoever commits it hears of that.
  }
}

void Savepoint::keep() {
  database_.script("RELEASE easel");
  open_ = false;
}

}  // namespace easel
