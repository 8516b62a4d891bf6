#include "work/worker.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <condition_variable>
#include <fstream>
#include <future>
#include <mutex>

#include "atelier/fake_engine.h"
#include "core/error.h"
#include "diffusion/samplers.h"
#include "store/support.h"
#include "store/ulid.h"
#include "work/step_times.h"

namespace easel {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Remembers what it was told.
class Listener : public EventSink {
 public:
  void tell_started(const JobRecord&) override {}
  void tell_step(const std::string&, const Progress& progress) override {
    steps.push_back(progress);
  }
  void tell_preview(const std::string&, const Preview& preview) override {
    previews.push_back(preview);
  }
  void tell_picture(const PictureRecord&) override {}
  void tell_note(const std::string&, const std::string&) override {}
  void tell_ended(const std::string& job) override {
    const std::lock_guard lock(mutex_);
    ended_.push_back(job);
    changed_.notify_all();
  }
  void tell_times(const DrawJob&, const RunTimes&) override {}
  void tell_model(const std::string&, bool) override {}
  void tell_paused(bool) override {}
  void tell_trouble(const std::string&) override {}
  Watch watch_of(const std::string&) override { return {.previews = true, .latents = true}; }
  std::optional<RunTimes> expected(const DrawJob&) override { return std::nullopt; }

  void wait_for_end_of(const std::string& job) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return std::ranges::find(ended_, job) != ended_.end(); });
  }

  std::vector<Preview> previews;
  std::vector<Progress> steps;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> ended_;
};

class WorkerTest : public StoreTest {
 protected:
  FakeEngine fake;
  Engine engine = fake.engine();
  Models models{engine, {{.name = "m", .location = {.path = "/nowhere"}, .is_default = true}}};
  DataFolder data{folder.path() / "data"};
  PictureFiles files{data.pictures(), data.thumbnails()};
  LocalWorkerStore workers{records};
  LocalPictures sink{files};
  Listener told;
  std::unique_ptr<Worker> worker;

  ~WorkerTest() override { worker.reset(); }

  void start() {
    worker =
        std::make_unique<Worker>(Worker::Parts{engine, models, workers, sink, told, data},
                                 WorkerOptions{.as_text = [](const std::exception_ptr& trouble) {
                                   try {
                                     std::rethrow_exception(trouble);
                                   } catch (const std::exception& error) {
                                     return Json({{"detail", error.what()}}).dump();
                                   }
                                 }});
  }

  static DrawJob draw_of(int steps, std::uint64_t seed, int count) {
    DrawJob draw{.recipe = {}, .count = count};
    draw.recipe.seed.seed = seed;
    diffusion_of(draw.recipe).steps = steps;
    return draw;
  }
  static NewJob job_of(DrawJob draw) {
    draw.recipe.model.name = "m";
    diffusion_of(draw.recipe).sampler = "ddim";
    draw.recipe.size = {16, 16};
    draw.recipe.prompt = "p";
    return {.owner = "o",
            .client = "c",
            .kind = "draw",
            .priority = 0,
            .request = to_json(draw).dump(),
            .hash = "h",
            .model = "m",
            .count = draw.count};
  }
  std::string submit(const DrawJob& draw) {
    const std::string id = records.write_now(
        [&](Transaction& all) { return all.jobs().submit(job_of(draw), {}, {}).job.id; });
    if (worker) worker->wake();
    return id;
  }
  JobRecord wait(const std::string& id) {
    told.wait_for_end_of(id);
    return record(id);
  }
  JobRecord record(const std::string& id) {
    return records.read_now([&](const Transaction& all) { return all.jobs().find(id); }).value();
  }
  std::vector<PictureRecord> pictures(const std::string& id) {
    return records.read_now([&](const Transaction& all) { return all.pictures().of_job(id); });
  }
};

TEST_F(WorkerTest, DrawsStoresAndTells) {
  start();
  const std::string id = submit(draw_of(3, 40, 2));
  EXPECT_EQ(wait(id).state, JobState::kDone);
  const auto drawn = pictures(id);
  ASSERT_EQ(drawn.size(), 2u);
  EXPECT_EQ(drawn[1].recipe.seed.seed, 41u);
  EXPECT_TRUE(files.picture(drawn[1].id));
  EXPECT_EQ(told.steps.size(), 3u);
  ASSERT_EQ(told.previews.size(), 4u);
  EXPECT_EQ(told.previews[0].step, 0);  // the noise
  EXPECT_EQ(told.previews[0].pictures.size(), 2u);
  EXPECT_EQ(told.previews[0].latents.size(), 2u);
  EXPECT_EQ(fake.loads, 1);
}

TEST_F(WorkerTest, AJobThatWasCutShortDrawsOnlyWhatItLacks) {
  const std::string id = submit(draw_of(1, 40, 6));
  records.write_now([&](Transaction& all) {
    const auto claimed = all.jobs().claim("lost");
    for (const int index : {1, 3}) {
      PictureRecord picture;
      picture.id = claimed->picture_ids[static_cast<std::size_t>(index)];
      picture.job = id;
      picture.index = index;
      all.pictures().add(picture);
    }
    all.jobs().recover(Loss::kCrash);
  });
  start();
  EXPECT_EQ(wait(id).state, JobState::kDone);
  EXPECT_THAT(fake.ranges, ElementsAre(std::pair(40u, 1), std::pair(42u, 1), std::pair(44u, 2)));
  EXPECT_EQ(pictures(id).size(), 6u);
}

TEST_F(WorkerTest, AJobThatWasGivenToAnotherWorkerIsStoppedAndLeftAlone) {
  std::promise<std::string> submitted;
  const std::shared_future<std::string> job = submitted.get_future().share();
  fake.before_picture = [&](int k) {
    if (k != 1) return;
    records.write_now([&](Transaction& all) {
      all.jobs().settle({job.get(), 1, worker->name()}, Ending::kGivenBack, "");
      all.jobs().claim("another");
    });
    worker->beat();
  };
  start();
  const std::string id = submit(draw_of(1, 0, 4));
  submitted.set_value(id);
  const JobRecord now = wait(id);
  EXPECT_EQ(now.state, JobState::kRunning);
  EXPECT_EQ(now.attempt, 2);
  EXPECT_LE(pictures(id).size(), 1u);
}

TEST_F(WorkerTest, ALostLeaseLeavesNoFileThatIsNotInTheGallery) {
  std::promise<std::string> submitted;
  const std::shared_future<std::string> job = submitted.get_future().share();
  fake.before_picture = [&](int k) {
    if (k != 0) return;  // the first is drawn and saved, though the lease is gone
    const Lease lease{job.get(), 1, worker->name()};
    records.write_now([&](Transaction& all) {
      all.jobs().settle(lease, Ending::kGivenBack, "");
      all.jobs().cancel(lease.job);
    });
  };
  start();
  const std::string id = submit(draw_of(1, 0, 2));
  submitted.set_value(id);
  EXPECT_EQ(wait(id).state, JobState::kCancelled);
  EXPECT_THAT(pictures(id), IsEmpty());
  EXPECT_THAT(files.sweep(), IsEmpty());
}

TEST_F(WorkerTest, AJobThatEndsForGoodDiscardsWhatAnEarlierAttemptLeft) {
  const std::string id = submit(draw_of(1, 40, 2));
  std::string left;
  records.write_now([&](Transaction& all) {
    left = all.jobs().claim("lost")->picture_ids.at(1);
    all.jobs().recover(Loss::kKilled);
  });
  files.save(left, Image({16, 16}, 3), {});
  fake.before_picture = [&](int k) {
    if (k == 1) worker->cancel(id, Worker::Begun::kDropped);
  };
  start();
  EXPECT_EQ(wait(id).state, JobState::kCancelled);
  ASSERT_EQ(pictures(id).size(), 1u);
  EXPECT_THAT(files.sweep(), ElementsAre(pictures(id)[0].id));
}

TEST_F(WorkerTest, ACancellationThatOnlyTheStoreKnowsOfStopsTheJob) {
  std::promise<std::string> submitted;
  const std::shared_future<std::string> job = submitted.get_future().share();
  fake.before_picture = [&](int k) {
    if (k != 2) return;
    records.write_now([&](Transaction& all) { all.jobs().cancel(job.get()); });
    worker->beat();
  };
  start();
  const std::string id = submit(draw_of(1, 0, 4));
  submitted.set_value(id);
  EXPECT_EQ(wait(id).state, JobState::kCancelled);
  EXPECT_EQ(pictures(id).size(), 2u);
}

TEST_F(WorkerTest, AJobWhoseClaimWasNeverAnsweredIsGivenBack) {
  start();
  const std::string id = records.write_now([&](Transaction& all) {
    DrawJob draw = draw_of(1, 0, 1);
    const std::string submitted = all.jobs().submit(job_of(draw), {}, {}).job.id;
    EXPECT_EQ(all.jobs().claim(worker->name())->id, submitted);
    return submitted;
  });
  while (record(id).attempt == 1 && record(id).state == JobState::kRunning) worker->beat();
  worker->wake();
  EXPECT_EQ(wait(id).state, JobState::kDone);
  EXPECT_EQ(record(id).attempt, 2);
}

TEST_F(WorkerTest, ARecordThatAsksForWhatNoRequestMayFails) {
  NewJob wide = job_of(draw_of(1, 0, 1));
  Json request = Json::parse(wide.request);
  request["width"] = 1 << 30;
  wide.request = request.dump();
  NewJob many = job_of(draw_of(1, 0, 1));
  many.count = 1000;
  const auto put = [&](const NewJob& wanted) {
    return records.write_now(
        [&](Transaction& all) { return all.jobs().submit(wanted, {}, {}).job.id; });
  };
  const std::string first = put(wide);
  const std::string second = put(many);
  start();
  EXPECT_EQ(wait(first).state, JobState::kFailed);
  EXPECT_EQ(wait(second).state, JobState::kFailed);
  EXPECT_THAT(fake.ranges, IsEmpty());
}

TEST_F(WorkerTest, CancellingKeepsWhatIsFinished) {
  std::promise<std::string> submitted;
  const std::shared_future<std::string> job = submitted.get_future().share();
  fake.before_picture = [&](int k) {
    if (k == 2) worker->cancel(job.get(), Worker::Begun::kKept);
  };
  start();
  const std::string id = submit(draw_of(1, 0, 4));
  submitted.set_value(id);
  EXPECT_EQ(wait(id).state, JobState::kCancelled);
  EXPECT_EQ(pictures(id).size(), 2u);
}

TEST_F(WorkerTest, StoppingNowGivesTheJobBackUncounted) {
  std::string id;
  fake.before_picture = [&](int k) {
    if (k == 1) worker->stop(true, nullptr);
  };
  start();
  id = submit(draw_of(1, 0, 4));
  const JobRecord job = wait(id);
  EXPECT_EQ(job.state, JobState::kQueued);
  EXPECT_EQ(pictures(id).size(), 1u);
  EXPECT_TRUE(job.error.empty());
}

TEST_F(WorkerTest, WhatARequestCausesFailsAtOnceAndOtherTroubleIsTriedAgain) {
  int calls = 0;
  fake.before_picture = [&](int) {
    ++calls;
    fail(calls == 1 ? ErrorCode::kIo : ErrorCode::kUsage, "trouble %d");
  };
  start();
  const std::string id = submit(draw_of(1, 0, 1));
  EXPECT_EQ(wait(id).state, JobState::kQueued) << "a disk's trouble may pass";
  fake.before_picture = [](int) { fail(ErrorCode::kUsage, "never"); };
  const std::string other = submit(draw_of(1, 0, 1));
  const JobRecord failed = wait(other);
  EXPECT_EQ(failed.state, JobState::kFailed);
  EXPECT_EQ(Json::parse(failed.error)["detail"], "never");
}

TEST_F(WorkerTest, PicturesThatCannotBeWrittenFailTheJob) {
  start();
  std::filesystem::remove_all(data.thumbnails());
  std::ofstream(data.thumbnails()) << "no folder";
  const std::string id = submit(draw_of(1, 0, 1));
  const JobRecord job = wait(id);
  EXPECT_NE(job.state, JobState::kDone);
  EXPECT_THAT(pictures(id), IsEmpty());
}

TEST_F(WorkerTest, EnlargesAfterDrawingToTheExactSize) {
  start();
  DrawJob draw = draw_of(1, 0, 1);
  draw.recipe.enlarging = {.factor = 3, .upscaler = "lanczos", .result = {40, 50}};
  const std::string id = submit(draw);
  EXPECT_EQ(wait(id).state, JobState::kDone);
  EXPECT_EQ(pictures(id)[0].width, 40);
  EXPECT_EQ(pictures(id)[0].height, 50);
  EXPECT_EQ(pictures(id)[0].recipe.size.width, 16);
}

// What draws may have changed since the job was asked for.
TEST_F(WorkerTest, APictureSaysTheArithmeticThatDrewIt) {
  start();
  DrawJob draw = draw_of(1, 0, 1);
  draw.recipe.arithmetic = {.precision = "fp16", .backend = "another"};
  const std::string id = submit(draw);
  EXPECT_EQ(wait(id).state, JobState::kDone);
  EXPECT_EQ(pictures(id)[0].recipe.arithmetic.precision, "fp32");
}

TEST(StepTimesTest, ScaleFromTheNearestThatWasMeasured) {
  StepTimes times;
  DrawJob job{.recipe = {}, .count = 2};
  job.recipe.method = Diffusion{.steps = 10, .sampler = "ddim"};
  job.recipe.size = {64, 64};
  job.recipe.model.name = "m";
  EXPECT_FALSE(times.expected(job));
  times.add(job, {.step = 0.5, .decode = 1});
  ASSERT_TRUE(times.expected(job));
  EXPECT_TRUE(times.expected(job)->measured);
  EXPECT_DOUBLE_EQ(StepTimes::seconds(job, times.expected(job)->times), 2 * (10 * 0.5 + 1));
  DrawJob larger = job;
  larger.recipe.size.width = 128;
  EXPECT_FALSE(times.expected(larger)->measured);
  EXPECT_DOUBLE_EQ(times.expected(larger)->times.step, 1.0);
  DrawJob unguided = job;
  diffusion_of(unguided.recipe).scale = 1;
  EXPECT_DOUBLE_EQ(times.expected(unguided)->times.step, 0.25);
  DrawJob quicker = job;
  diffusion_of(quicker.recipe).deep_cache.every = 3;
  EXPECT_FALSE(times.expected(quicker)->measured);
  DrawJob other = job;
  other.recipe.model.name = "n";
  EXPECT_FALSE(times.expected(other));
}

TEST(StepTimesTest, AStrengthLeavesItsShareOfTheSteps) {
  DrawJob job{.recipe = {}, .count = 3};
  Diffusion& how = diffusion_of(job.recipe);
  how.steps = 20;
  const RunTimes times{.step = 2, .decode = 5};
  EXPECT_DOUBLE_EQ(StepTimes::seconds(job, times), 3 * (20 * 2 + 5));
  how.editing = {.init = {.sha256 = std::string(64, 'a')}, .strength = 0.25};
  EXPECT_DOUBLE_EQ(StepTimes::seconds(job, times), 3 * (5 * 2 + 5));
  how.editing.strength = 0;
  EXPECT_DOUBLE_EQ(StepTimes::seconds(job, times), 3 * 5);
}

TEST(StepTimesTest, AStepOfASecondPassCountsByItsPixels) {
  Recipe recipe;
  recipe.size = {.width = 64, .height = 32};
  Diffusion& how = diffusion_of(recipe);
  how.steps = 20;
  how.second_pass = {.scale = 2, .strength = 0.5, .steps = 10};
  const StepSizes sizes(recipe);
  EXPECT_DOUBLE_EQ(sizes.last(), 4);
  EXPECT_DOUBLE_EQ(sizes.expected(), 20 + 4 * 10);
  EXPECT_DOUBLE_EQ(sizes.up_to(7, 30), 7);
  EXPECT_DOUBLE_EQ(sizes.up_to(20, 30), 20);
  EXPECT_DOUBLE_EQ(sizes.up_to(21, 30), 24);
  EXPECT_DOUBLE_EQ(sizes.up_to(30, 30), sizes.expected());
  const RunTimes times{.step = 2, .decode = 5};
  EXPECT_DOUBLE_EQ(StepTimes::seconds({.recipe = recipe}, times), 60 * 2 + 4 * 5);
  how.second_pass.strength = 0;
  EXPECT_DOUBLE_EQ(StepSizes(recipe).expected(), 20);
}

}  // namespace
}  // namespace easel
