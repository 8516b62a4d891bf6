#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>

#include "core/error.h"
#include "store/sqlite/jobs.h"
#include "store/sqlite/pictures.h"
#include "store/sqlite/schema.h"
#include "support.h"

namespace easel {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

const NewJob kJob{.owner = "o", .client = "c", .kind = "draw", .request = "{}"};

// What is SQLite's own: the file, its rules of safety, its plans.

class SqliteTest : public ::testing::Test {
 protected:
  TemporaryFolder folder;
  fs::path file = folder.path() / "easel.db";

  static std::string plan_of(Database& db, const std::string& sql) {
    std::string text;
    for (Query row(db, "EXPLAIN QUERY PLAN " + sql); row.next();) text += row.text(3) + "; ";
    return text;
  }
};

TEST_F(SqliteTest, ADatabaseKeepsTheRulesOfSafety) {
  Database db(file, Database::Mode::kReadWrite);
  migrate(db);
  migrate(db);
  const auto pragma = [&](const char* name) {
    Query row(db, std::string("PRAGMA ") + name);
    row.next();
    return row.text(0);
  };
  EXPECT_EQ(pragma("journal_mode"), "wal");
  EXPECT_EQ(pragma("synchronous"), "2");
  EXPECT_EQ(pragma("foreign_keys"), "1");
  EXPECT_EQ(pragma("trusted_schema"), "0");
  EXPECT_EQ(pragma("integrity_check"), "ok");
  EXPECT_EQ(fs::status(file).permissions() & fs::perms::all,
            fs::perms::owner_read | fs::perms::owner_write);
  Query strict(db,
               "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND strict = 0 "
               "AND type = 'table' AND name NOT LIKE 'word%' AND name NOT LIKE 'sqlite%'");
  strict.next();
  EXPECT_EQ(strict.integer(0), 0) << "every table is strict";
}

TEST_F(SqliteTest, ANewerOrForeignFileIsRefused) {
  {
    Database db(file, Database::Mode::kReadWrite);
    db.script("PRAGMA user_version = 1000");
    EXPECT_THROW(migrate(db), Error);
  }
  std::ofstream(file, std::ios::trunc) << std::string(5000, 'x');
  EXPECT_THROW(
      {
        Database db(file, Database::Mode::kReadWrite);
        migrate(db);
      },
      Error);
}

TEST_F(SqliteTest, AReaderCannotWriteAndSeesWhatWasCommitted) {
  Database writer(file, Database::Mode::kReadWrite);
  migrate(writer);
  Database reader(file, Database::Mode::kReadOnly);
  EXPECT_THROW(reader.execute("DELETE FROM job"), Error);
  SqlitePictures(writer).add({.id = "a"});
  EXPECT_TRUE(SqlitePictures(reader).find("a"));
}

TEST_F(SqliteTest, AFullDiskIsToldAsSuch) {
  Database db(file, Database::Mode::kReadWrite);
  migrate(db);
  db.script("PRAGMA max_page_count = 60");
  try {
    for (int i = 0; i < 1000; ++i) {
      PictureRecord large{.id = std::to_string(i)};
      large.recipe.prompt = std::string(4000, 'x');
      SqlitePictures(db).add(large);
    }
    FAIL() << "it never filled";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNoSpace);
  }
  Query check(db, "PRAGMA integrity_check");
  check.next();
  EXPECT_EQ(check.text(0), "ok");
}

// A count of what SQLite reads stands for time: a page of a large gallery must not scan it.
TEST_F(SqliteTest, PagesOfALargeGalleryUseAnIndex) {
  Database db(file, Database::Mode::kReadWrite);
  migrate(db);
  for (const char* where :
       {"p.seq < 9", "p.model = 'm' AND p.seq < 9", "p.style = 's' AND p.style != '' AND p.seq < 9",
        "p.subject = 's' AND p.subject != '' AND p.seq < 9", "p.favourite = 1 AND p.seq < 9"}) {
    const std::string text = plan_of(db, std::string("SELECT * FROM picture p WHERE ") + where +
                                             " AND p.deleted IS NULL ORDER BY p.seq DESC LIMIT 50");
    EXPECT_THAT(text, HasSubstr("SEARCH p USING")) << where;
    EXPECT_THAT(text, Not(HasSubstr("TEMP B-TREE"))) << where << ": " << text;
  }
}

TEST_F(SqliteTest, ChoosingTheNextOfALongLineReadsOneRow) {
  Database db(file, Database::Mode::kReadWrite);
  migrate(db);
  for (const char* sql :
       {"SELECT id FROM job WHERE state = 'queued' AND run_at <= 9 "
        "ORDER BY priority DESC, rank, id LIMIT 1",
        "SELECT 1 FROM job WHERE state = 'queued' AND priority > 0 AND run_at <= 9 LIMIT 9",
        "SELECT 1 FROM job WHERE state = 'queued' AND priority = 0 AND (rank, id) < (3, 'x') "
        "AND run_at <= 9 LIMIT 9",
        "SELECT max(rank) FROM job WHERE priority = 0 AND state = 'running'",
        "SELECT min(rank) FROM job WHERE priority = 0 AND state = 'queued'",
        "SELECT rank, cost FROM job WHERE client = 'c' AND priority = 0 "
        "AND state IN ('queued', 'running') ORDER BY rank DESC LIMIT 1"}) {
    const std::string text = plan_of(db, sql);
    EXPECT_THAT(text, HasSubstr("USING")) << sql << ": " << text;
    EXPECT_THAT(text, HasSubstr("INDEX job_")) << sql << ": " << text;
    EXPECT_THAT(text, Not(HasSubstr("TEMP B-TREE"))) << sql << ": " << text;
  }
}

TEST_F(SqliteTest, AtTheStartEveryRunningJobIsQueuedAgainOrDead) {
  Database db(file, Database::Mode::kReadWrite);
  migrate(db);
  const StoreClock clock{.wall = [] { return 5; }, .steady = [] { return 5; }};
  SqliteJobs jobs(db, clock);
  const auto submit = [&] { return jobs.submit(kJob, {}, {}).job.id; };
  const std::string crashing = submit();
  for (int crash = 0; crash < kMaxCrashes; ++crash) {
    EXPECT_EQ(jobs.claim("w")->id, crashing);
    EXPECT_EQ(jobs.recover(Loss::kCrash), 1);
  }
  EXPECT_EQ(jobs.find(crashing)->state, JobState::kDead);
  const std::string killed = submit();
  for (int kill = 1; kill <= kMaxLosses; ++kill) {
    EXPECT_EQ(jobs.find(killed)->state, JobState::kQueued) << kill;
    jobs.claim("w");
    jobs.recover(Loss::kKilled);
  }
  EXPECT_EQ(jobs.find(killed)->state, JobState::kDead);
}

TEST_F(SqliteTest, AnOddRowStopsNothing) {
  Database db(file, Database::Mode::kReadWrite);
  migrate(db);
  const StoreClock clock{.wall = [] { return 5; }, .steady = [] { return 5; }};
  SqliteJobs jobs(db, clock);
  const std::string id = jobs.submit(kJob, {}, {}).job.id;
  jobs.claim("w");
  db.script("PRAGMA ignore_check_constraints = ON");  // as a program that does not know them
  for (const char* list : {"no JSON", "{}", "[1, [", "[3]", ""}) {
    db.execute("UPDATE job SET picture_ids = ? WHERE id = ?", list, id);
    EXPECT_NO_THROW(jobs.find(id)) << list;
    EXPECT_NO_THROW(jobs.begun()) << list;
  }
}

TEST_F(SqliteTest, AJobsRowIsHeldToWhatTheProgramWrites) {
  Database db(file, Database::Mode::kReadWrite);
  migrate(db);
  const StoreClock clock{.wall = [] { return 5; }, .steady = [] { return 5; }};
  SqliteJobs jobs(db, clock);
  const std::string waiting = jobs.submit(kJob, {}, {}).job.id;
  for (const char* change : {"kind = 'paint'",
                             "state = 'odd'",
                             "request = 'no JSON'",
                             "count = 0",
                             "picture_ids = '{}'",
                             "picture_ids = '[1, ['",
                             "attempt = -1",
                             "crashes = -1",
                             "losses = -1",
                             "cancel = 2",
                             "error = 'no JSON'",
                             "notes = '{}'",
                             "cost = 0",
                             "state = 'running'",
                             "worker = 'w'",
                             "worker = 'w', lease_until = 9",
                             "state = 'running', worker = 'w'",
                             "state = 'done'",
                             "finished = 9",
                             "id = ''"}) {
    EXPECT_THROW(db.execute(std::string("UPDATE job SET ") + change), Error) << change;
  }
  EXPECT_EQ(jobs.find(waiting)->state, JobState::kQueued);
  EXPECT_EQ(jobs.claim("w")->id, waiting);
}

TEST_F(SqliteTest, WhatAnotherProgramLeftInARowIsMendedAndNoJobIsLost) {
  fs::copy(fs::path(EASEL_SOURCE_DIR) / "tests/data/store-v1/easel.db", file);
  Database db(file, Database::Mode::kReadWrite);
  db.execute(
      "UPDATE job SET kind = 'paint', request = 'no JSON', count = -3, cancel = 7, "
      "picture_ids = '[1, [', notes = '{}', error = 'x', attempt = -1, worker = NULL, "
      "lease_until = 9, finished = iif(state = 'done', NULL, 9)");
  migrate(db);
  const StoreClock clock{.wall = [] { return 5; }, .steady = [] { return 5; }};
  SqliteJobs jobs(db, clock);
  const std::vector<JobRecord> all = jobs.list({.limit = 99});
  EXPECT_EQ(all.size(), 20u);
  for (const JobRecord& job : all) {
    EXPECT_EQ(job.request, "{}");
    EXPECT_EQ(job.count, 1);
    EXPECT_EQ(job.notes, "[]");
    EXPECT_EQ(is_final(job.state), job.finished.has_value()) << name_of(job.state);
  }
  EXPECT_EQ(jobs.recover(Loss::kKilled), 1);
}

TEST_F(SqliteTest, BesideAWriterRecordsAreOnlyRead) {
  SqliteRecords writer(file, SqliteRecords::Access::kWrite);
  writer.write_now([](Transaction& t) { t.pictures().add({.id = "a"}); });
  SqliteRecords reader(file, SqliteRecords::Access::kRead);
  EXPECT_TRUE(reader.read_now([](const Transaction& t) { return t.pictures().find("a"); }));
  try {
    reader.write_now([](Transaction& t) { t.pictures().add({.id = "b"}); });
    FAIL() << "two write";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
  }
}

}  // namespace
}  // namespace easel
