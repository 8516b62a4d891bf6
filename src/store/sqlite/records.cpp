#include "store/sqlite/records.h"

#include <utility>

#include "core/error.h"
#include "store/sqlite/jobs.h"
#include "store/sqlite/pictures.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/sheets.h"

namespace easel {
namespace {

constexpr int kReaders = 2;

// All tables of one connection.
struct Tables {
  Tables(Database& database, const StoreClock& clock)
      : jobs(database, clock), pictures(database), sheets(database), timings(database) {}

  SqliteJobs jobs;
  SqlitePictures pictures;
  SqliteSheets sheets;
  SqliteTimings timings;
  Transaction transaction{jobs, pictures, sheets, timings};
};

}  // namespace

SqliteRecords::SqliteRecords(const std::filesystem::path& file, Access access, StoreClock clock)
    : clock_(std::move(clock)) {
  if (access == Access::kWrite) {
    writing_.emplace(file, Database::Mode::kReadWrite);
    migrate(*writing_);
    writes_.emplace(*writing_);
  }
  reads_.emplace(file, kReaders);
}

void SqliteRecords::write(Write work, Done done) {
  if (!writes_) {
    const Error refusal(ErrorCode::kUsage,
                        "another easel writes to this folder: here it can only be read");
    if (done) done(std::make_exception_ptr(refusal));
    return;
  }
  writes_->post(
      [this, work = std::move(work)](Database& database) {
        Tables tables(database, clock_);
        work(tables.transaction);
      },
      std::move(done));
}

void SqliteRecords::read(Read work, Done done) {
  reads_->post(
      [this, work = std::move(work)](Database& database) {
        Tables tables(database, clock_);
        work(std::as_const(tables.transaction));
      },
      std::move(done));
}

}  // namespace easel
