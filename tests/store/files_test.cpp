#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <future>

#include "core/error.h"
#include "core/json.h"
#include "image/codec.h"
#include "store/data_folder.h"
#include "store/picture_files.h"
#include "store/picture_store.h"
#include "store/repair.h"
#include "store/sqlite_job_store.h"
#include "store/ulid.h"
#include "store/write_queue.h"
#include "support.h"

namespace easel {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

Image picture(std::uint8_t shade = 7) {
  Image image({40, 30}, 3);
  std::ranges::fill(image.samples8(), shade);
  return image;
}

Picture decoded(const std::string& bytes) {
  return decode_picture({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

TEST(Ulid, IdsSortInTheOrderInWhichTheyWereMade) {
  std::vector<std::string> ids;
  for (int i = 0; i < 5000; ++i) ids.push_back(new_ulid());
  EXPECT_TRUE(std::ranges::is_sorted(ids));
  EXPECT_EQ(std::ranges::adjacent_find(ids), ids.end());
  EXPECT_TRUE(is_ulid(ids[0]));
  EXPECT_NEAR(static_cast<double>(ulid_time(ids[0])), static_cast<double>(now_ms()), 60'000);
}

TEST(Ulid, NothingElseIsAnId) {
  const std::string id = new_ulid();
  std::string lower = id;
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const std::string& text :
       {std::string(), id + "0", id.substr(1), "../" + id.substr(3), "8" + id.substr(1),
        id.substr(0, 25) + "U", id.substr(0, 25) + "/", lower.substr(0, 25) + "a"}) {
    EXPECT_FALSE(is_ulid(text)) << text;
  }
}

class FilesTest : public StoreTest {
 protected:
  FilesTest() {
    fs::create_directory(folder.path() / "pictures");
    fs::create_directory(folder.path() / "thumbnails");
  }
  PictureFiles files{folder.path() / "pictures", folder.path() / "thumbnails"};
  fs::path png(const std::string& id) const {
    return folder.path() / "pictures" / id.substr(0, 5) / (id + ".png");
  }
};

TEST_F(FilesTest, APictureAndItsThumbnailComeBack) {
  const std::string id = new_ulid();
  const std::int64_t bytes = files.save(id, picture(), {.prompt = "a cat"});
  const auto file = files.picture(id);
  ASSERT_TRUE(file);
  EXPECT_EQ(static_cast<std::int64_t>(file->size()), bytes);
  EXPECT_EQ(decoded(*file).image, picture());
  EXPECT_EQ(settings_of(decoded(*file).metadata)->prompt, "a cat");
  ASSERT_TRUE(files.thumbnail(id));
  fs::remove(folder.path() / "thumbnails" / id.substr(0, 5) / (id + ".webp"));
  EXPECT_EQ(decoded(*files.thumbnail(id)).image.width(), 40) << "made anew";
  files.remove(id);
  EXPECT_FALSE(files.picture(id));
  EXPECT_FALSE(files.thumbnail(id));
  EXPECT_NO_THROW(files.remove(id));
}

TEST_F(FilesTest, NoNameFromOutsideReadsAnything) {
  std::ofstream(folder.path() / "secret.png") << "secret";
  for (const char* name : {"../secret", "../../secret.png", "/etc/passwd", "", ".", "..",
                           "01ARZ3NDEKTSV4RRFFQ69G5FA/", "secret"}) {
    EXPECT_FALSE(files.picture(name)) << name;
  }
}

TEST_F(FilesTest, LinksAreNotFollowed) {
  const std::string id = new_ulid();
  fs::create_directory(png(id).parent_path());
  fs::create_symlink("/etc/passwd", png(id));
  EXPECT_FALSE(files.picture(id));
  const std::string other = "1" + id.substr(1, 25);
  fs::create_directory_symlink("/etc", folder.path() / "pictures" / other.substr(0, 5));
  EXPECT_FALSE(files.picture(other));
}

TEST_F(FilesTest, SweepingRemovesLeftoversAndFindsPictures) {
  const std::string id = new_ulid();
  files.save(id, picture(), {});
  std::ofstream(png(id).parent_path() / ".easel-1-0.tmp") << "half";
  std::ofstream(png(id).parent_path() / "notes.txt") << "not ours";
  EXPECT_THAT(files.sweep(), ElementsAre(id));
  EXPECT_FALSE(fs::exists(png(id).parent_path() / ".easel-1-0.tmp"));
  EXPECT_TRUE(fs::exists(png(id).parent_path() / "notes.txt"));
}

TEST_F(FilesTest, RepairingAdoptsFlagsAndRequeues) {
  PictureStore store(db);
  SqliteJobStore jobs(db);
  NewJob wanted{.owner = "o",
                .client = "c",
                .kind = "draw",
                .priority = 0,
                .request = "{}",
                .hash = "h",
                .model = "m",
                .count = 2};
  const std::string job = jobs.submit(wanted, {}, {}).job.id;
  const auto claimed = jobs.claim("w");
  // Drawn and renamed, then cut short before the table heard of it.
  files.save(claimed->picture_ids[1], picture(),
             {.prompt = "late", .steps = 5, .seed = 8, .width = 20, .height = 15});
  const std::string stranger = new_ulid();
  files.save(stranger, picture(), {.prompt = "from elsewhere"});
  const std::string gone = new_ulid();
  store.adopt({.id = gone});
  const std::string broken = new_ulid();
  fs::create_directories(png(broken).parent_path());
  std::ofstream(png(broken)) << "\x89PNG half";

  RepairReport report = repair(db, files, Loss::kKilled);
  EXPECT_EQ(report.adopted, 2);
  EXPECT_EQ(report.missing, 1);
  EXPECT_EQ(report.unreadable, 1);
  EXPECT_EQ(report.requeued, 1);
  const auto of_job = store.of_job(job);
  ASSERT_EQ(of_job.size(), 1u) << "it is not drawn again";
  EXPECT_EQ(of_job[0].index, 1);
  EXPECT_EQ(of_job[0].prompt, "late");
  EXPECT_EQ(of_job[0].seed, 8u);
  EXPECT_EQ(of_job[0].upscale, 2);
  EXPECT_EQ(store.find(stranger)->prompt, "from elsewhere");
  EXPECT_TRUE(store.find(gone)->missing);
  EXPECT_EQ(jobs.find(job)->state, JobState::kQueued);

  report = repair(db, files, Loss::kKilled);
  EXPECT_EQ(report.adopted + report.missing + report.found + report.requeued, 0);
  files.save(gone, picture(), {});
  EXPECT_EQ(repair(db, files, Loss::kKilled).found, 1);
  EXPECT_FALSE(store.find(gone)->missing);
}

TEST(DataFolderTest, OneProcessHasIt) {
  const TemporaryFolder folder;
  const DataFolder first(folder.path() / "data");
  EXPECT_EQ(fs::status(first.path()).permissions() & fs::perms::all, fs::perms::owner_all);
  // The lock belongs to the open file, so a second one in this process stands for another process.
  try {
    const DataFolder second(folder.path() / "data");
    FAIL() << "two have it";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    EXPECT_THAT(error.what(), HasSubstr(std::to_string(getpid())));
    EXPECT_THAT(error.what(), HasSubstr("--data"));
  }
}

TEST(DataFolderTest, ItIsReadBesideWhoeverHasItAndWhereThatServesIsTold) {
  const TemporaryFolder folder;
  const DataFolder first(folder.path() / "data");
  first.say_where("http://127.0.0.1:7860/");
  EXPECT_TRUE(first.claimed());
  EXPECT_FALSE(DataFolder(folder.path() / "data", DataFolder::Claim::kIfFree).claimed());
  try {
    const DataFolder second(folder.path() / "data");
    FAIL() << "two have it";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("draw on its page, http://127.0.0.1:7860/"));
  }
}

TEST(DataFolderTest, ItIsFreeAgainWhenItsHolderHasGone) {
  const TemporaryFolder folder;
  { const DataFolder first(folder.path() / "data"); }
  EXPECT_NO_THROW(DataFolder(folder.path() / "data"));
}

TEST(DataFolderTest, AFileInItsPlaceIsToldSo) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "data") << "x";
  EXPECT_THROW(DataFolder(folder.path() / "data"), Error);
}

TEST(DataFolderTest, TheReserveTakesSpaceAndGivesItBack) {
  const TemporaryFolder folder;
  const DataFolder data(folder.path() / "data");
  EXPECT_GE(fs::file_size(data.path() / "reserve"), 1u << 20);
  data.give_up_reserve();
  EXPECT_FALSE(fs::exists(data.path() / "reserve"));
  EXPECT_TRUE(data.make_reserve());
  EXPECT_GT(data.space().total, data.space().free);
}

class SchemaTest : public testing::Test {
 protected:
  TemporaryFolder folder;
  fs::path file = folder.path() / "easel.db";
};

TEST_F(SchemaTest, ADatabaseKeepsTheRulesOfSafety) {
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

TEST_F(SchemaTest, ANewerOrForeignFileIsRefused) {
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

TEST_F(SchemaTest, AReaderCannotWriteAndSeesWhatWasCommitted) {
  Database writer(file, Database::Mode::kReadWrite);
  migrate(writer);
  Database reader(file, Database::Mode::kReadOnly);
  EXPECT_THROW(reader.execute("DELETE FROM job"), Error);
  PictureStore(writer).adopt({.id = "a"});
  EXPECT_TRUE(PictureStore(reader).find("a"));
}

TEST_F(SchemaTest, AWorkThatThrowsIsUndoneAloneAmongThoseOfOneTransaction) {
  Database writer(file, Database::Mode::kReadWrite);
  migrate(writer);
  std::promise<void> gate;
  {
    WriteQueue queue(writer);
    // Holds the thread, so that the three that follow share a transaction.
    queue.post([&](Database&) { gate.get_future().wait(); }, nullptr);
    std::vector<bool> failed(3, false);
    for (int i = 0; i < 3; ++i) {
      queue.post(
          [i](Database& db) {
            PictureStore(db).adopt({.id = std::to_string(i)});
            if (i == 1) fail(ErrorCode::kUsage, "no");
          },
          [&failed, i](std::exception_ptr error) {
            failed[static_cast<std::size_t>(i)] = error != nullptr;
          });
    }
    gate.set_value();
    queue.run([](Database&) {});
    EXPECT_THAT(failed, ElementsAre(false, true, false));
    EXPECT_THROW(queue.run([](Database&) { fail(ErrorCode::kUsage, "no"); }), Error);
  }
  PictureStore store(writer);
  EXPECT_TRUE(store.find("0"));
  EXPECT_FALSE(store.find("1"));
  EXPECT_TRUE(store.find("2"));
}

TEST_F(SchemaTest, AFullDiskIsToldAsSuch) {
  Database db(file, Database::Mode::kReadWrite);
  migrate(db);
  db.script("PRAGMA max_page_count = 60");
  try {
    for (int i = 0; i < 1000; ++i) {
      PictureStore(db).adopt({.id = std::to_string(i), .prompt = std::string(4000, 'x')});
    }
    FAIL() << "it never filled";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNoSpace);
  }
  Query check(db, "PRAGMA integrity_check");
  check.next();
  EXPECT_EQ(check.text(0), "ok");
}

}  // namespace
}  // namespace easel
