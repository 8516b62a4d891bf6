#include "server/worker.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <condition_variable>
#include <fstream>
#include <future>
#include <mutex>

#include "core/error.h"
#include "diffusion/samplers.h"
#include "server/catalogue.h"
#include "server/step_times.h"
#include "server/token.h"
#include "server/views.h"
#include "store/picture_store.h"
#include "store/schema.h"
#include "store/sqlite_job_store.h"
#include "store/support.h"
#include "store/ulid.h"

namespace easel::server {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// An engine without a network: a picture's colour is its seed. Records what it was asked for.
struct FakeEngine {
  std::vector<std::pair<std::uint64_t, int>> ranges;  // seed and count of each draw
  std::function<void(int picture)> before_picture;    // on the drawing thread
  int loads = 0;
  int releases = 0;

  Engine engine() {
    Engine made;
    made.open = [this](const ModelEntry& entry, bool) {
      auto painter = std::make_unique<Painter>();
      painter->info.name = entry.name;
      painter->info.native_width = painter->info.native_height = 16;
      painter->info.size_multiple = 8;
      painter->info.max_side = 64;
      painter->info.schedule_steps = 1000;
      painter->info.defaults.sampler = "ddim";
      painter->checked = [](const DrawRequest& request) { return request; };
      painter->memory_needed = [](const DrawRequest&) { return std::int64_t{1}; };
      painter->load = [this](const CancelToken*) { ++loads; };
      painter->release = [this] { ++releases; };
      painter->fit_preview = [] { return LatentPreview{1, std::vector<float>(6, 0.1f)}; };
      painter->draw = [this](const DrawRequest& request, const DrawHooks& hooks) {
        return draw(request, hooks);
      };
      return painter;
    };
    made.enlargers = {lanczos_enlarger()};
    return made;
  }

  std::vector<DrawnPicture> draw(const DrawRequest& request, const DrawHooks& hooks) {
    ranges.emplace_back(request.seed, request.count);
    const std::vector<float> latents(static_cast<std::size_t>(4 * request.count), 0.5f);
    DrawStep now{.steps = *request.steps,
                 .pictures = request.count,
                 .count = request.count,
                 .latents = latents,
                 .estimate = latents,
                 .latent_width = 2,
                 .latent_height = 2};
    hooks.on_noise(now);
    while (now.step < now.steps) {
      hooks.cancel->check();
      ++now.step;
      hooks.on_step(now);
    }
    for (int k = 0; k < request.count; ++k) {
      if (before_picture) before_picture(k);
      hooks.cancel->check();
      Image image({16, 16}, 3);
      const std::uint64_t seed = request.seed + static_cast<std::uint64_t>(k);
      std::ranges::fill(image.samples8(), static_cast<std::uint8_t>(seed));
      hooks.on_picture(
          {.index = k, .seed = seed, .image = std::move(image), .latent = {}, .decoded = {}});
    }
    return {};
  }
};

class WorkerTest : public StoreTest {
 protected:
  FakeEngine fake;
  Engine engine = fake.engine();
  Models models{engine, {{.name = "m", .path = "/nowhere", .is_default = true}}};
  DataFolder data{folder.path() / "data"};
  PictureFiles files{data.pictures(), data.thumbnails()};
  WriteQueue writes{db};
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::string> ended;
  std::vector<Json> previews;
  std::vector<Progress> steps;
  std::unique_ptr<Worker> worker;

  ~WorkerTest() override { worker.reset(); }

  void start() {
    WorkerEvents events;
    events.on_started = [](const std::string&) {};
    events.on_step = [this](const std::string&, const Progress& progress) {
      steps.push_back(progress);
    };
    events.on_preview = [this](const std::string&, Json preview) {
      previews.push_back(std::move(preview));
    };
    events.on_picture = [](const std::string&, const std::string&) {};
    events.on_note = [](const std::string&, const std::string&) {};
    events.on_times = [](const DrawJob&, const RunTimes&) {};
    events.on_model = [](const std::string&, bool) {};
    events.on_paused = [](bool) {};
    events.on_trouble = [](const std::string&) {};
    events.watched = [](const std::string&) { return std::pair(true, true); };
    events.expected = [](const DrawJob&) { return std::optional<RunTimes>(); };
    events.on_ended = [this](const std::string& job) {
      const std::lock_guard lock(mutex);
      ended.push_back(job);
      changed.notify_all();
    };
    worker = std::make_unique<Worker>(Worker::Parts{engine, models, writes, files, data},
                                      std::move(events), WorkerOptions{});
  }

  std::string submit(DrawJob draw) {
    draw.model = "m";
    draw.sampler = "ddim";
    draw.width = draw.height = 16;
    draw.prompt = "p";
    NewJob job{.owner = "o",
               .client = "c",
               .kind = "draw",
               .priority = 0,
               .request = to_json(draw).dump(),
               .hash = "h",
               .model = "m",
               .count = draw.count};
    std::string id;
    writes.run(
        [&](Database& database) { id = SqliteJobStore(database).submit(job, {}, {}).job.id; });
    if (worker) worker->wake();
    return id;
  }
  JobRecord wait(const std::string& id) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return std::ranges::find(ended, id) != ended.end(); });
    return record(id);
  }
  JobRecord record(const std::string& id) {
    std::optional<JobRecord> found;
    writes.run([&](Database& database) { found = SqliteJobStore(database).find(id); });
    return *found;
  }
  std::vector<PictureRecord> pictures(const std::string& id) {
    std::vector<PictureRecord> found;
    writes.run([&](Database& database) { found = PictureStore(database).of_job(id); });
    return found;
  }
};

TEST_F(WorkerTest, DrawsStoresAndTells) {
  start();
  const std::string id = submit({.steps = 3, .seed = 40, .count = 2});
  EXPECT_EQ(wait(id).state, JobState::kDone);
  const auto drawn = pictures(id);
  ASSERT_EQ(drawn.size(), 2u);
  EXPECT_EQ(drawn[1].seed, 41u);
  EXPECT_TRUE(files.picture(drawn[1].id));
  EXPECT_EQ(steps.size(), 3u);
  ASSERT_EQ(previews.size(), 4u);
  EXPECT_EQ(previews[0]["step"], 0);  // the noise
  EXPECT_EQ(previews[0]["pictures"].size(), 2u);
  EXPECT_EQ(previews[0]["latents"].size(), 2u);
  EXPECT_EQ(fake.loads, 1);
}

TEST_F(WorkerTest, AJobThatWasCutShortDrawsOnlyWhatItLacks) {
  const std::string id = submit({.steps = 1, .seed = 40, .count = 6});
  writes.run([&](Database& database) {
    SqliteJobStore store(database);
    const auto claimed = store.claim("lost");
    for (const int index : {1, 3}) {
      PictureRecord picture;
      picture.id = claimed->picture_ids[static_cast<std::size_t>(index)];
      picture.job = id;
      picture.index = index;
      PictureStore(database).adopt(picture);
    }
    store.recover("", Loss::kCrash);
  });
  start();
  EXPECT_EQ(wait(id).state, JobState::kDone);
  EXPECT_THAT(fake.ranges, ElementsAre(std::pair(40u, 1), std::pair(42u, 1), std::pair(44u, 2)));
  EXPECT_EQ(pictures(id).size(), 6u);
}

TEST_F(WorkerTest, CancellingKeepsWhatIsFinished) {
  std::promise<std::string> submitted;
  const std::shared_future<std::string> job = submitted.get_future().share();
  fake.before_picture = [&](int k) {
    if (k == 2) worker->cancel(job.get());
  };
  start();
  const std::string id = submit({.steps = 1, .count = 4});
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
  id = submit({.steps = 1, .count = 4});
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
  const std::string id = submit({.steps = 1});
  EXPECT_EQ(wait(id).state, JobState::kQueued) << "a disk's trouble may pass";
  fake.before_picture = [](int) { fail(ErrorCode::kUsage, "never"); };
  const std::string other = submit({.steps = 1});
  const JobRecord failed = wait(other);
  EXPECT_EQ(failed.state, JobState::kFailed);
  EXPECT_EQ(Json::parse(failed.error)["detail"], "never");
}

TEST_F(WorkerTest, PicturesThatCannotBeWrittenFailTheJob) {
  start();
  std::filesystem::remove_all(data.thumbnails());
  std::ofstream(data.thumbnails()) << "no folder";
  const std::string id = submit({.steps = 1});
  const JobRecord job = wait(id);
  EXPECT_NE(job.state, JobState::kDone);
  EXPECT_THAT(pictures(id), IsEmpty());
}

TEST_F(WorkerTest, EnlargesAfterDrawingToTheExactSize) {
  start();
  const std::string id = submit(
      {.steps = 1, .upscale = 3, .upscaler = "lanczos", .final_width = 40, .final_height = 50});
  EXPECT_EQ(wait(id).state, JobState::kDone);
  EXPECT_EQ(pictures(id)[0].width, 40);
  EXPECT_EQ(pictures(id)[0].height, 50);
  EXPECT_EQ(pictures(id)[0].native_width, 16);
}

// --- requests

class DrawJobTest : public testing::Test {
 protected:
  FakeEngine fake;
  Engine engine = fake.engine();
  Models models{engine, {{.name = "m", .path = "/nowhere", .is_default = true}}};

  std::vector<std::string> faults(const Json& json) {
    Fields fields(json, {});
    parse_draw(fields, {models, engine.enlargers});
    std::vector<std::string> names;
    try {
      fields.finish();
    } catch (const ProblemError& error) {
      for (const Fault& fault : error.problem().faults) names.push_back(fault.field);
    }
    return names;
  }
};

TEST_F(DrawJobTest, ARequestIsCompletedAndComesBackFromItsJson) {
  const Json json = {{"prompt", "p"},
                     {"seed", "18446744073709551615"},
                     {"count", 3},
                     {"upscale", 2},
                     {"variation", {{"seed", 4}, {"strength", 0.5}}}};
  Fields fields(json, {});
  const DrawJob job = parse_draw(fields, {models, engine.enlargers});
  EXPECT_NO_THROW(fields.finish());
  EXPECT_EQ(job.width, 16);
  EXPECT_EQ(job.sampler, "ddim");
  EXPECT_EQ(job.upscaler, "lanczos");
  EXPECT_EQ(to_json(draw_job_from_json(to_json(job))), to_json(job));
  EXPECT_EQ(hash_of(job, "f"), hash_of(draw_job_from_json(to_json(job)), "f"));
}

TEST_F(DrawJobTest, EveryWrongFieldIsNamed) {
  EXPECT_THAT(faults({{"prompt", "p"}}), IsEmpty());
  EXPECT_THAT(faults(Json::object()), ElementsAre("prompt"));
  EXPECT_THAT(faults({{"prompt", "p"}, {"width", 20}}), ElementsAre("width"));
  EXPECT_THAT(faults({{"prompt", "p"}, {"width", 72}}), ElementsAre("width"));
  EXPECT_THAT(faults({{"prompt", "p"}, {"sampler", "nope"}}), ElementsAre("sampler"));
  EXPECT_THAT(faults({{"prompt", "p"}, {"model", "nope"}}), ElementsAre("model"));
  EXPECT_THAT(faults({{"prompt", "p"}, {"upscaler", "nope"}}), ElementsAre("upscaler"));
  EXPECT_THAT(faults({{"prompt", "p"}, {"sampler", "plms"}, {"eta", 0.5}}), ElementsAre("eta"));
  EXPECT_THAT(faults({{"prompt", "p"}, {"variation", 5}}), ElementsAre("variation"));
  EXPECT_THAT(faults({{"prompt", "p"}, {"variation", {{"seed", -1}, {"x", 1}}}}),
              testing::IsSupersetOf({"variation.seed", "variation.strength", "variation.x"}));
}

TEST_F(DrawJobTest, OnlyWhatThePicturesDependOnIsInTheHash) {
  DrawJob job{.prompt = "p", .sampler = "ddim", .model = "m"};
  const std::string hash = hash_of(job, "f");
  DrawJob labelled = job;
  labelled.subject = "s";
  labelled.style = "t";
  EXPECT_EQ(hash_of(labelled, "f"), hash);
  EXPECT_NE(hash_of(job, "another file"), hash);
  DrawJob other = job;
  other.seed = 1;
  EXPECT_NE(hash_of(other, "f"), hash);
}

TEST_F(DrawJobTest, PicturesOfAVariationShareTheSeed) {
  const DrawJob job{.seed = 7, .count = 4, .variation = Variation{100, 0.3}};
  EXPECT_EQ(record_of(job, 2).seed, 7u);
  EXPECT_EQ(record_of(job, 2).variation_seed, 102u);
  EXPECT_EQ(draw_request(job, 2, 1).variation->seed, 102u);
  EXPECT_EQ(draw_request(job, 2, 1).seed, 7u);
}

TEST(Views, ACommandDrawsThePictureAgain) {
  PictureRecord picture;
  picture.prompt = "it's a $(cat)";
  picture.sampler = "ddim";
  picture.steps = 5;
  picture.scale = 7.5;
  picture.seed = 9;
  picture.native_width = picture.native_height = 64;
  picture.model = "default";
  EXPECT_EQ(
      command_of(picture),
      "easel draw 'it'\\''s a $(cat)' --steps 5 --sampler ddim --scale 7.5 --seed 9 --width 64 "
      "--height 64 --model 'default'");
  EXPECT_EQ(time_text(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(time_text(1'700'000'000'042), "2023-11-14T22:13:20.042Z");
}

TEST(StepTimesTest, ScaleFromTheNearestThatWasMeasured) {
  StepTimes times;
  DrawJob job{.steps = 10, .sampler = "ddim", .width = 64, .height = 64, .count = 2, .model = "m"};
  EXPECT_FALSE(times.expected(job));
  times.add(job, {.step = 0.5, .decode = 1});
  ASSERT_TRUE(times.expected(job));
  EXPECT_TRUE(times.expected(job)->measured);
  EXPECT_DOUBLE_EQ(StepTimes::seconds(job, times.expected(job)->times), 2 * (10 * 0.5 + 1));
  DrawJob larger = job;
  larger.width = 128;
  EXPECT_FALSE(times.expected(larger)->measured);
  EXPECT_DOUBLE_EQ(times.expected(larger)->times.step, 1.0);
  DrawJob unguided = job;
  unguided.scale = 1;
  EXPECT_DOUBLE_EQ(times.expected(unguided)->times.step, 0.25);
  DrawJob other = job;
  other.model = "n";
  EXPECT_FALSE(times.expected(other));
}

TEST(TokensTest, OnlyTheHashIsKept) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "tokens";
  const Tokens::Created made = Tokens::create(file);
  EXPECT_EQ(made.token.size(), 64u);
  EXPECT_EQ(std::filesystem::status(file).permissions() & std::filesystem::perms::all,
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  std::ifstream in(file);
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  EXPECT_EQ(text.find(made.token), std::string::npos);
  const Tokens tokens = Tokens::read(file);
  EXPECT_TRUE(tokens.name_of(made.token));
  EXPECT_FALSE(tokens.name_of(""));
  EXPECT_FALSE(tokens.name_of(text.substr(0, 64)));
  EXPECT_THROW(Tokens::create(file), Error) << "an old token is not lost by accident";
  HttpRequest request;
  request.headers = {{"cookie", "a=b; easel_token=" + made.token + "; c=d"}};
  EXPECT_TRUE(tokens.name_in(request));
  request.headers = {{"cookie", "xeasel_token=" + made.token}};
  EXPECT_FALSE(tokens.name_in(request));
  std::ofstream(file) << made.token.substr(0, 10) << "\n";
  EXPECT_THROW(Tokens::read(file), Error);
}

TEST(CatalogueTest, StylesAreNamedWithoutTheirPreposition) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "b.json")
      << R"({"prompt":"{subject} {style}","subjects":[{"key":"cat","text":"cat"}],)"
      << R"("styles":[{"text":"in the style of Van Gogh"},{"text":"as a Byzantine mosaic"}]})";
  const Catalogue catalogue(folder.path() / "b.json", folder.path() / "own.json");
  const Json json = catalogue.to_json();
  EXPECT_EQ(json["styles"][0]["name"], "Van Gogh");
  EXPECT_EQ(json["styles"][1]["name"], "Byzantine mosaic");
  EXPECT_EQ(json["join"], " ");
}

TEST(CatalogueTest, ABrokenFileOfOnesOwnIsNoReasonNotToStart) {
  const TemporaryFolder folder;
  for (const char* text :
       {"", "{", "[]", "{\"subjects\":5}", "{\"subjects\":[{\"name\":5}]}", "\xff"}) {
    std::ofstream(folder.path() / "own.json") << text;
    EXPECT_NO_THROW(Catalogue(folder.path() / "none.json", folder.path() / "own.json")) << text;
  }
}

}  // namespace
}  // namespace easel::server
