#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "core/error.h"
#include "image/codec.h"
#include "store/data_folder.h"
#include "store/given_files.h"
#include "store/picture_files.h"
#include "store/repair.h"
#include "store/ulid.h"
#include "support.h"

namespace easel {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Image picture(std::uint8_t shade = 7) {
  Image image({40, 30}, 3);
  std::ranges::fill(image.samples8(), shade);
  return image;
}

// As a file's text says it.
Provenance said(const std::string& parameters) { return parse_parameters(parameters); }

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
  const std::int64_t bytes = files.save(id, picture(), said("a cat"));
  const auto file = files.picture(id);
  ASSERT_TRUE(file);
  EXPECT_EQ(static_cast<std::int64_t>(file->size()), bytes);
  EXPECT_EQ(decoded(*file).image, picture());
  EXPECT_EQ(provenance_of(decoded(*file).metadata)->recipe.prompt, "a cat");
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

class RepairTest : public FilesTest {
 protected:
  std::optional<PictureRecord> find(const std::string& id) {
    return records.read_now([&](const Transaction& t) { return t.pictures().find(id); });
  }
  std::vector<PictureRecord> of_job(const std::string& job) {
    return records.read_now([&](const Transaction& t) { return t.pictures().of_job(job); });
  }
  // A job that was claimed by a program that has ended since.
  JobRecord begun(const std::string& kind, const std::string& request, int count) {
    return records.write_now([&](Transaction& t) {
      const NewJob wanted{.owner = "o",
                          .client = "c",
                          .kind = kind,
                          .priority = 0,
                          .request = request,
                          .hash = "h",
                          .model = "m",
                          .count = count};
      t.jobs().submit(wanted, {}, {});
      return t.jobs().claim("w").value();
    });
  }
};

TEST_F(RepairTest, RepairingAdoptsFlagsAndRequeues) {
  const JobRecord job = begun("draw", "{}", 2);
  // Drawn and renamed, then cut short before the table heard of it.
  files.save(job.picture_ids[1], picture(), said("late\nSteps: 5, Seed: 8, Size: 20x15"));
  const std::string stranger = new_ulid();
  files.save(stranger, picture(), said("from elsewhere"));
  const std::string gone = new_ulid();
  records.write_now([&](Transaction& t) { t.pictures().add({.id = gone}); });
  const std::string broken = new_ulid();
  fs::create_directories(png(broken).parent_path());
  std::ofstream(png(broken)) << "\x89PNG half";

  RepairReport report = repair(records, files, Loss::kKilled);
  EXPECT_EQ(report.adopted, 2);
  EXPECT_EQ(report.missing, 1);
  EXPECT_EQ(report.unreadable, 1);
  EXPECT_EQ(report.requeued, 1);
  const auto drawn = of_job(job.id);
  ASSERT_EQ(drawn.size(), 1u) << "it is not drawn again";
  EXPECT_EQ(drawn[0].index, 1);
  EXPECT_EQ(drawn[0].recipe.prompt, "late");
  EXPECT_EQ(drawn[0].recipe.seed.seed, 8u);
  EXPECT_EQ(drawn[0].recipe.enlarging.factor, 2.0);
  EXPECT_FALSE(drawn[0].recipe.seed.variation);
  EXPECT_EQ(find(stranger)->recipe.prompt, "from elsewhere");
  EXPECT_TRUE(find(gone)->missing);
  EXPECT_EQ(records.read_now([&](const Transaction& t) { return t.jobs().find(job.id); })->state,
            JobState::kQueued);

  report = repair(records, files, Loss::kKilled);
  EXPECT_EQ(report.adopted + report.missing + report.found + report.requeued, 0);
  files.save(gone, picture(), {});
  EXPECT_EQ(repair(records, files, Loss::kKilled).found, 1);
  EXPECT_FALSE(find(gone)->missing);
}

TEST_F(RepairTest, AnAdoptedVariationStaysThatVariation) {
  const JobRecord job = begun("draw", "{}", 1);
  files.save(job.picture_ids[0], picture(),
             said("near\nSeed: 8, Variation seed: 18446744073709551615, Variation strength: 0.25"));
  const std::string odd = new_ulid();
  files.save(odd, picture(), said("odd\nSeed: 8, Variation seed: -1x, Variation strength: nan"));
  EXPECT_EQ(repair(records, files, Loss::kKilled).adopted, 2);
  const auto drawn = of_job(job.id);
  ASSERT_EQ(drawn.size(), 1u);
  EXPECT_EQ(drawn[0].recipe.seed.variation,
            (Variation{.seed = ~std::uint64_t{0}, .strength = 0.25}));
  EXPECT_FALSE(find(odd)->recipe.seed.variation);
}

TEST_F(RepairTest, AnAdoptedEnlargementKeepsItsParentAndFactor) {
  const JobRecord job = begun("upscale", R"({"picture":"PARENT","factor":2})", 1);
  files.save(job.picture_ids[0], picture(), said("x\nSize: 20x15, Upscale: 4, Upscaler: u"));
  EXPECT_EQ(repair(records, files, Loss::kKilled).adopted, 1);
  const auto drawn = of_job(job.id);
  ASSERT_EQ(drawn.size(), 1u);
  EXPECT_EQ(drawn[0].parent, "PARENT");
  EXPECT_EQ(drawn[0].recipe.enlarging, (Enlarging{.factor = 4, .upscaler = "u"}))
      << "what the file says, not what its sizes seem to say";
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
    EXPECT_EQ(error.code(), ErrorCode::kIo);
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

TEST(GivenFiles, WhatIsOldAndNamedByNobodyGoes) {
  const TemporaryFolder folder;
  const GivenFiles files(folder.path() / "given");
  using Clock = fs::file_time_type::clock;
  const auto now = Clock::now();
  EXPECT_EQ(files.drop_unnamed(now, {}), 0) << "there is no folder yet";
  const std::string old = files.keep("old"), named = files.keep("named");
  const std::string again = files.keep("sent again"), fresh = files.keep("fresh");
  for (const std::string& sha256 : {old, named, again}) {
    fs::last_write_time(folder.path() / "given" / sha256.substr(0, 2) / sha256,
                        now - std::chrono::hours(3));
  }
  files.keep("sent again");
  std::ofstream(folder.path() / "given" / "notes.txt") << "somebody's own";
  fs::last_write_time(folder.path() / "given" / "notes.txt", now - std::chrono::hours(3));
  EXPECT_EQ(files.drop_unnamed(now - std::chrono::hours(2), {named}), 1);
  EXPECT_FALSE(files.read(old));
  for (const std::string& sha256 : {named, again, fresh}) EXPECT_TRUE(files.read(sha256));
  EXPECT_TRUE(fs::exists(folder.path() / "given" / "notes.txt"));
}

}  // namespace
}  // namespace easel
