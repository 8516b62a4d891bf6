#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>

#include "core/json.h"
#include "store/open/open_records.h"
#include "store/repair.h"
#include "support.h"

namespace easel {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;

// A folder that the first form of the store wrote, opened as `easel serve` opens it.
class OldFolder : public ::testing::Test {
 protected:
  OldFolder() {
    const fs::path old = fs::path(EASEL_SOURCE_DIR) / "tests/data/store-v1";
    fs::copy(old, folder_.path() / "data", fs::copy_options::recursive);
    std::ifstream file(old / "ids.json");
    ids = Json::parse(std::string{std::istreambuf_iterator<char>(file), {}});
  }

  std::string id(const char* name) const { return ids.at(name).get<std::string>(); }
  JobRecord job(const char* name) {
    return records->read_now([&](const Transaction& t) { return t.jobs().find(id(name)); }).value();
  }
  PictureRecord picture(const char* name) {
    return records->read_now([&](const Transaction& t) { return t.pictures().find(id(name)); })
        .value();
  }
  void mend() { report = repair(*records, files, Loss::kKilled); }

  TemporaryFolder folder_;
  Json ids;
  std::unique_ptr<DataFolder> data;
  std::unique_ptr<Records> records;
  PictureFiles files{folder_.path() / "data/pictures", folder_.path() / "data/thumbnails"};
  RepairReport report;

  void SetUp() override {
    data = std::make_unique<DataFolder>(folder_.path() / "data");
    records = open_records(*data);
  }
};

TEST_F(OldFolder, EveryJobIsThereInItsState) {
  const std::vector<std::pair<const char*, JobState>> states = {
      {"done", JobState::kDone},
      {"variation_job", JobState::kDone},
      {"enlarged_job", JobState::kDone},
      {"cell_done", JobState::kDone},
      {"cell_cancelled", JobState::kCancelled},
      {"failed", JobState::kFailed},
      {"cancelled", JobState::kCancelled},
      {"dead", JobState::kDead},
      {"program_done", JobState::kDone},
      {"program_varied", JobState::kDone},
      {"program_enlarged_job", JobState::kDone},
      {"program_cancelled", JobState::kCancelled},
      {"running", JobState::kRunning},
      {"key_2_job", JobState::kQueued},
      {"waiting_enlarging", JobState::kQueued},
  };
  for (const auto& [name, state] : states) EXPECT_EQ(job(name).state, state) << name;
  const auto all =
      records->read_now([](const Transaction& t) { return t.jobs().list({.limit = 99}); });
  EXPECT_EQ(all.size(), 20u);
  const JobRecord done = job("done");
  EXPECT_EQ(done.owner, "local");
  EXPECT_EQ(done.client, "anna");
  EXPECT_EQ(done.hash, "hash-done");
  EXPECT_EQ(done.model, "default");
  EXPECT_EQ(done.count, 2);
  EXPECT_EQ(done.attempt, 1);
  EXPECT_THAT(done.picture_ids, ElementsAre(id("favourite"), id("deleted")));
  EXPECT_EQ(done.notes, R"(["the prompt was cut"])");
  EXPECT_EQ(Json::parse(done.request)["prompt"], "a cat in the snow");
  EXPECT_TRUE(done.started && done.finished);
  EXPECT_EQ(Json::parse(job("failed").error)["detail"], "no memory for it");
  EXPECT_EQ(job("dead").attempt, 3);
}

TEST_F(OldFolder, EveryPictureIsThereWithAllThatWasKnownOfIt) {
  EXPECT_TRUE(picture("favourite").favourite);
  EXPECT_EQ(picture("favourite").recipe.seed.seed, 7u);
  EXPECT_TRUE(picture("deleted").deleted);
  EXPECT_TRUE(picture("missing").missing);
  const PictureRecord varied = picture("variation");
  EXPECT_EQ(varied.job, id("variation_job"));
  EXPECT_EQ(varied.recipe.prompt, "a cat in the snow");
  EXPECT_EQ(varied.recipe.negative, "dog");
  EXPECT_EQ(varied.recipe.seed.seed, ~std::uint64_t{0});
  EXPECT_EQ(varied.recipe.seed.variation,
            (Variation{.seed = std::uint64_t{1} << 63, .strength = 0.25}));
  EXPECT_EQ(varied.recipe.method,
            Method(Diffusion{.steps = 2, .sampler = "ddim", .scale = 5, .eta = 0}));
  EXPECT_EQ(varied.recipe.size, (Image::Size{16, 16}));
  const PictureRecord enlarged = picture("enlarged");
  EXPECT_EQ(enlarged.parent, id("favourite"));
  EXPECT_EQ(enlarged.recipe.enlarging, (Enlarging{.factor = 4, .upscaler = "lanczos"}));
  EXPECT_EQ(enlarged.width, 64);
  EXPECT_GT(enlarged.bytes, 0);
  EXPECT_EQ(picture("cell_picture").recipe.labels.subject, "cat");
  EXPECT_EQ(picture("cell_picture").recipe.labels.style, "ink");
  for (const char* name : {"favourite", "variation", "enlarged", "program_enlarged"}) {
    EXPECT_TRUE(files.picture(id(name))) << name;
    EXPECT_TRUE(files.thumbnail(id(name))) << name;
  }
  records->read_now([&](const Transaction& t) {
    EXPECT_EQ(t.pictures().all_ids().size(), 13u);
    EXPECT_EQ(t.pictures().list({.words = "snow"}).size(), 3u);
    EXPECT_EQ(t.jobs().find_done("hash-variation")->id, id("variation_job"));
  });
}

TEST_F(OldFolder, WhatTheProgramDrewIsThere) {
  const auto of_job = [&](const char* name) {
    return records->read_now([&](const Transaction& t) { return t.pictures().of_job(id(name)); });
  };
  const auto drawn = of_job("program_done");
  ASSERT_EQ(drawn.size(), 2u);
  EXPECT_EQ(drawn[1].recipe.seed.seed, 12u);
  EXPECT_EQ(drawn[1].recipe.negative, "dog");
  EXPECT_EQ(diffusion_of(drawn[1].recipe).sampler, "dpmpp-2m");
  EXPECT_TRUE(drawn[1].favourite);
  const auto varied = of_job("program_varied");
  ASSERT_EQ(varied.size(), 2u);
  EXPECT_EQ(varied[0].recipe.seed.variation, (Variation{.seed = 77, .strength = 0.5}));
  EXPECT_TRUE(varied[1].deleted);
  EXPECT_EQ(picture("program_enlarged").parent, drawn[0].id);
  EXPECT_EQ(picture("program_enlarged").recipe.enlarging.factor, 2.0);
  EXPECT_EQ(picture("program_cell").recipe.labels.style, "ink");
  EXPECT_EQ(picture("stranger").recipe.prompt, "from elsewhere");
  EXPECT_EQ(
      records->read_now([](const Transaction& t) { return t.pictures().list({.words = "ship"}); })
          .size(),
      4u);
}

TEST_F(OldFolder, SheetsKeysAndTimingsAreThere) {
  records->read_now([&](const Transaction& t) {
    const SheetRecord sheet = t.sheets().find(id("sheet")).value();
    EXPECT_EQ(sheet.owner, "local");
    EXPECT_EQ(Json::parse(sheet.request)["reused"]["2"], id("done"));
    EXPECT_THAT(t.sheets().jobs(sheet.id, JobState::kDone), ElementsAre(id("cell_done")));
    EXPECT_THAT(t.sheets().jobs(sheet.id, JobState::kCancelled), ElementsAre(id("cell_cancelled")));
    EXPECT_EQ(t.sheets().jobs(id("program_sheet"), JobState::kDone).size(), 1u);
    const auto timings = t.timings().all();
    EXPECT_GT(timings.size(), 2u) << "the program measured as well";
    const auto known = std::ranges::find(timings, "ddim|2|256x256|default", &TimingRecord::key);
    ASSERT_NE(known, timings.end());
    EXPECT_EQ(known->step, 0.125);
    EXPECT_EQ(known->decode, 0.5);
    EXPECT_EQ(known->runs, 3);
  });
  EXPECT_EQ(job("cell_cancelled").cell, 1);
  EXPECT_EQ(job("cell_cancelled").priority, -1);
  const auto under = [&](const IdempotencyKey& key) {
    return records->write_now(
        [&](Transaction& t) { return t.jobs().submit({.owner = "local"}, key, {}); });
  };
  EXPECT_EQ(under({"key-1", "body-1"}).job.id, id("done"));
  EXPECT_EQ(under({"key-1", "other"}).outcome, Submission::Outcome::kOtherBody);
  EXPECT_EQ(under({"program-key", "other"}).outcome, Submission::Outcome::kOtherBody);
  EXPECT_EQ(under({"program-key-2", "other"}).outcome, Submission::Outcome::kOtherBody);
}

TEST_F(OldFolder, WhatWaitedWaitsOnWithTurnsAmongClients) {
  const auto line = records->read_now([](const Transaction& t) { return t.jobs().line(99); });
  const auto waiting = ids["waiting"].get<std::vector<std::string>>();  // three of anna's, berta's
  EXPECT_THAT(line, ElementsAre(waiting[0], waiting[3], waiting[1], id("key_2_job"),
                                id("waiting_enlarging"), waiting[2]));
}

TEST_F(OldFolder, RepairAdoptsWhatTheCrashLeftAndQueuesItsJob) {
  mend();
  EXPECT_EQ(report.adopted, 1);
  EXPECT_EQ(report.requeued, 1);
  EXPECT_EQ(report.missing + report.found + report.unreadable, 0);
  EXPECT_EQ(job("running").state, JobState::kQueued);
  const auto drawn =
      records->read_now([&](const Transaction& t) { return t.pictures().of_job(id("running")); });
  ASSERT_EQ(drawn.size(), 1u) << "it is not drawn again";
  EXPECT_EQ(drawn[0].id, id("cut_picture"));
  EXPECT_EQ(drawn[0].index, 1);
  EXPECT_EQ(drawn[0].recipe.seed.variation, (Variation{.seed = 6, .strength = 0.5}));
}

TEST_F(OldFolder, ItOpensAgainAsItIs) {
  mend();
  records.reset();
  data.reset();
  SetUp();
  mend();
  EXPECT_EQ(report.adopted + report.requeued + report.missing + report.found, 0);
  EXPECT_EQ(job("dead").state, JobState::kDead);
}

}  // namespace
}  // namespace easel
