#include <gmock/gmock.h>

#include "conformance.h"
#include "store/worker_store.h"

namespace easel {
namespace {

// The line of jobs as its owners see it.

constexpr std::int64_t kHour = 3'600'000;

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
