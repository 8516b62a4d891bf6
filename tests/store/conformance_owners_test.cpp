#include <gmock/gmock.h>

#include <algorithm>

#include "conformance.h"
#include "store/worker_store.h"

namespace easel {
namespace {

using testing::ElementsAre;

// The line of jobs as its owners see it.

constexpr std::int64_t kHour = 3'600'000;

TEST_P(Conformance, JobsOfOneOwnerChangePlacesAndNobodyElsesMoves) {
  const std::string a1 = submit(of("a")), a2 = submit(of("a")), a3 = submit(of("a"));
  const std::string b1 = submit(of("b")), b2 = submit(of("b"));
  const auto before = line();
  const auto place_of = [&](const std::string& id) {
    return std::ranges::find(before, id) - before.begin();
  };
  const std::vector<std::ptrdiff_t> places = {place_of(a1), place_of(a2), place_of(a3)};
  EXPECT_TRUE(move(a3, a1));
  auto now = line();
  std::vector<std::string> own;
  for (const std::ptrdiff_t at : places) own.push_back(now[static_cast<std::size_t>(at)]);
  EXPECT_THAT(own, ElementsAre(a3, a1, a2));
  EXPECT_EQ(place(b1), place_of(b1));
  EXPECT_EQ(place(b2), place_of(b2));
  EXPECT_TRUE(move(a3, ""));
  EXPECT_EQ(line(), before);
}

TEST_P(Conformance, JobsOfEqualRankChangePlacesToo) {
  // Of different clients of one owner: each begins where the line is served.
  std::vector<std::string> ids;
  for (const char* client : {"x", "y", "z"}) ids.push_back(submit(job(client)));
  EXPECT_THAT(line(), ElementsAre(ids[0], ids[1], ids[2]));
  EXPECT_TRUE(move(ids[2], ids[0]));
  EXPECT_THAT(line(), ElementsAre(ids[2], ids[0], ids[1]));
  EXPECT_TRUE(move(ids[0], ""));
  EXPECT_THAT(line(), ElementsAre(ids[2], ids[1], ids[0]));
}

TEST_P(Conformance, WhatDoesNotWaitOrIsSomebodyElsesIsNotMoved) {
  const std::string first = submit(of("a"));
  const Lease running = claim();
  const std::string second = submit(of("a")), others = submit(of("b"));
  NewJob cell = of("a");
  cell.priority = -1;
  const std::string behind = submit(cell);
  for (const std::string& before : {first, others, behind, second, std::string("gone")}) {
    EXPECT_FALSE(move(second, before)) << before;
  }
  EXPECT_FALSE(move(first, ""));
  EXPECT_FALSE(move("gone", ""));
  EXPECT_EQ(running.job, first);
}

TEST_P(Conformance, APausedOwnersJobsArePassedOver) {
  const std::string a = submit(of("a")), b = submit(of("b"));
  EXPECT_EQ(place(b), 1);
  pause("a", true);
  pause("a", true);
  EXPECT_EQ(place(b), 0);
  const std::string late = submit(of("a"));
  EXPECT_THAT(line(), ElementsAre(b));
  EXPECT_EQ(claim().job, b);
  EXPECT_FALSE(claimed());
  records.write_now([](Transaction& t) { EXPECT_FALSE(t.jobs().claim_least("w")); });
  EXPECT_TRUE(records.read_now([](const Transaction& t) { return t.jobs().paused("a"); }));
  pause("a", false);
  EXPECT_FALSE(records.read_now([](const Transaction& t) { return t.jobs().paused("a"); }));
  EXPECT_EQ(claim().job, a);
  EXPECT_EQ(claim().job, late);
}

TEST_P(Conformance, PicturesThatWaitAreBounded) {
  const QueueLimits limits{.pictures = 5};
  const auto outcome = [&](const NewJob& wanted) { return submit(wanted, {}, limits).outcome; };
  EXPECT_EQ(outcome(of("a", 3)), Submission::Outcome::kAccepted);
  EXPECT_EQ(outcome(of("a", 3)), Submission::Outcome::kOwnerPictures);
  EXPECT_EQ(outcome(of("a", 2)), Submission::Outcome::kAccepted);
  EXPECT_EQ(outcome(of("a")), Submission::Outcome::kOwnerPictures);
  EXPECT_EQ(outcome(of("b", 5)), Submission::Outcome::kAccepted);
  EXPECT_EQ(use("a").pictures, 5);
  draw(10);
  EXPECT_EQ(outcome(of("a", 3)), Submission::Outcome::kAccepted);
}

TEST_P(Conformance, PicturesOfAnHourAreBounded) {
  const QueueLimits limits{.hourly = 5};
  EXPECT_EQ(submit(of("a", 3), {}, limits).outcome, Submission::Outcome::kAccepted);
  draw(kHour / 4);
  const Submission second = submit(of("a", 2), {}, limits);
  EXPECT_EQ(second.outcome, Submission::Outcome::kAccepted);
  const Submission over = submit(of("a"), {}, limits);
  EXPECT_EQ(over.outcome, Submission::Outcome::kOwnerHour);
  EXPECT_EQ(over.wait, kHour - kHour / 4) << "until the first three are an hour ago";
  cancel(second.job.id);
  EXPECT_EQ(use("a").hour, 3) << "what was cancelled in the line drew nothing";
  EXPECT_EQ(submit(of("a", 2), {}, limits).outcome, Submission::Outcome::kAccepted);
  EXPECT_EQ(submit(of("a", 6), {}, limits).wait, 0) << "never";
  store->advance(over.wait + 1);
  EXPECT_EQ(submit(of("a", 3), {}, limits).outcome, Submission::Outcome::kAccepted);
}

TEST_P(Conformance, BeyondTheMonthsFastTimeJobsAreRelaxed) {
  const QueueLimits limits{.fast_ms = 1000};
  NewJob wanted = of("a");
  wanted.cost = 400;
  const auto priority = [&] { return submit(wanted, {}, limits).job.priority; };
  EXPECT_EQ(priority(), 0);
  draw(900);
  EXPECT_EQ(use("a").fast_ms, 900);
  EXPECT_EQ(priority(), 0) << "there is some left";
  EXPECT_EQ(priority(), kRelaxed) << "what waits counts as it is thought to take";
  EXPECT_EQ(use("a").fast_ms, 1300) << "relaxed ones do not count";
  store->advance(32 * 24 * kHour);
  EXPECT_EQ(use("a").fast_ms, 400) << "a new month; one still waits";
  EXPECT_EQ(priority(), 0);
  wanted.priority = -1;
  EXPECT_EQ(submit(wanted, {}, {.fast_ms = 0}).job.priority, kRelaxed);
}

TEST_P(Conformance, RelaxedJobsAreDrawnLastButTheEighthTimeFirst) {
  LocalWorkerStore workers(records);
  NewJob relaxed = of("a");
  relaxed.priority = kRelaxed;
  const std::string last = submit(relaxed);
  for (int k = 0; k < 20; ++k) submit(of("b"));
  const std::string me = workers.join();
  EXPECT_NE(workers.claim(me)->id, last);
  int claims = 2;
  while (workers.claim(me)->id != last) ++claims;
  EXPECT_EQ(claims, 8);
}

}  // namespace
}  // namespace easel
