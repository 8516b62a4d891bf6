#include <gmock/gmock.h>

#include <set>

#include "store/picture_store.h"
#include "store/sqlite_job_store.h"
#include "support.h"

namespace easel {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// The states and leases that any JobStore must keep. Time stands still until a test moves it.
class JobStoreTest : public StoreTest {
 protected:
  std::int64_t now = 1'000'000;
  SqliteJobStore store{db, [this] { return now; }};

  static NewJob job(const std::string& client = "c", int count = 1) {
    return {.owner = "o",
            .client = client,
            .kind = "draw",
            .priority = 0,
            .request = "{}",
            .hash = "h",
            .model = "m",
            .count = count};
  }
  std::string submit(const NewJob& wanted) {
    const Submission submission = store.submit(wanted, {}, {});
    EXPECT_EQ(submission.outcome, Submission::Outcome::kAccepted);
    return submission.job.id;
  }
  Lease claim() {
    const auto claimed = store.claim("w");
    EXPECT_TRUE(claimed.has_value());
    return claimed ? Lease{claimed->id, claimed->attempt} : Lease{};
  }
  JobState state(const std::string& id) { return store.find(id)->state; }
};

TEST_F(JobStoreTest, AJobGoesFromQueuedToRunningToDone) {
  const std::string id = submit(job("c", 3));
  EXPECT_EQ(state(id), JobState::kQueued);
  const auto claimed = store.claim("w");
  ASSERT_TRUE(claimed);
  EXPECT_EQ(claimed->id, id);
  EXPECT_EQ(claimed->attempt, 1);
  EXPECT_EQ(std::set(claimed->picture_ids.begin(), claimed->picture_ids.end()).size(), 3u);
  EXPECT_EQ(state(id), JobState::kRunning);
  EXPECT_TRUE(store.finish({id, 1}));
  EXPECT_EQ(state(id), JobState::kDone);
  EXPECT_FALSE(store.claim("w"));
}

TEST_F(JobStoreTest, WritesOfALostAttemptAreRefused) {
  const std::string id = submit(job());
  const Lease lost = claim();
  now += kLeaseMs + 1;
  EXPECT_EQ(store.reap(), 1);
  EXPECT_EQ(state(id), JobState::kQueued);
  const Lease current = claim();
  EXPECT_GT(current.attempt, lost.attempt);
  EXPECT_FALSE(store.finish(lost));
  EXPECT_FALSE(store.fail(lost, "{}"));
  EXPECT_FALSE(store.cancelled(lost));
  EXPECT_FALSE(store.give_back(lost));
  EXPECT_FALSE(store.retry_later(lost, "{}"));
  EXPECT_FALSE(store.progressed(lost));
  EXPECT_FALSE(store.add_note(lost, "x"));
  EXPECT_FALSE(PictureStore(db).add({.id = "p", .job = id}, lost));
  EXPECT_EQ(state(id), JobState::kRunning);
  EXPECT_TRUE(store.finish(current));
}

TEST_F(JobStoreTest, AHeartbeatKeepsTheLeaseAndTellsWhoShouldStop) {
  const std::string id = submit(job());
  claim();
  now += kLeaseMs - 1;
  EXPECT_THAT(store.heartbeat("w"), IsEmpty());
  now += kLeaseMs - 1;
  EXPECT_EQ(store.reap(), 0);
  store.cancel(id);
  EXPECT_THAT(store.heartbeat("w"), ElementsAre(id));
  EXPECT_THAT(store.heartbeat("another"), IsEmpty());
}

TEST_F(JobStoreTest, PictureIdsStayTheSameOverAttempts) {
  const std::string id = submit(job("c", 2));
  const auto first = store.claim("w");
  store.give_back({id, first->attempt});
  EXPECT_EQ(store.claim("w")->picture_ids, first->picture_ids);
}

TEST_F(JobStoreTest, ThreeCrashesWithoutAPictureMakeAJobDead) {
  const std::string id = submit(job());
  for (int crash = 1; crash <= kMaxCrashes; ++crash) {
    EXPECT_EQ(state(id), JobState::kQueued) << crash;
    claim();
    store.recover("next", Loss::kCrash);
  }
  EXPECT_EQ(state(id), JobState::kDead);
  EXPECT_FALSE(store.find(id)->error.empty());
  EXPECT_TRUE(store.requeue(id));
  EXPECT_EQ(state(id), JobState::kQueued);
}

TEST_F(JobStoreTest, APictureMakesEarlierCrashesForgotten) {
  const std::string id = submit(job("c", 9));
  for (int crash = 0; crash < 9; ++crash) {
    const Lease lease = claim();
    EXPECT_TRUE(store.progressed(lease));
    store.recover("next", Loss::kCrash);
    ASSERT_EQ(state(id), JobState::kQueued);
  }
}

TEST_F(JobStoreTest, BeingKilledFromOutsideIsForgivenLonger) {
  const std::string id = submit(job());
  for (int kill = 1; kill < kMaxLosses; ++kill) {
    claim();
    store.recover("next", Loss::kKilled);
    ASSERT_EQ(state(id), JobState::kQueued) << kill;
  }
  claim();
  store.recover("next", Loss::kKilled);
  EXPECT_EQ(state(id), JobState::kDead);
}

TEST_F(JobStoreTest, PassingTroubleIsTriedAgainLaterEachTime) {
  const std::string id = submit(job());
  EXPECT_TRUE(store.retry_later(claim(), "{}"));
  EXPECT_EQ(state(id), JobState::kQueued);
  EXPECT_FALSE(store.claim("w")) << "not at once";
  now += 3'000;
  EXPECT_TRUE(store.retry_later(claim(), "{}"));
  now += 3'000 / 2;
  EXPECT_FALSE(store.claim("w")) << "longer than before";
  now += 6'000;
  EXPECT_TRUE(store.retry_later(claim(), R"({"detail":"x"})"));
  EXPECT_EQ(state(id), JobState::kDead);
}

TEST_F(JobStoreTest, CancellingIsAtOnceForQueuedAndAskedOfRunning) {
  const std::string running = submit(job());
  const std::string queued = submit(job());
  const Lease lease = claim();
  EXPECT_EQ(store.cancel(queued)->state, JobState::kCancelled);
  const auto asked = store.cancel(running);
  EXPECT_EQ(asked->state, JobState::kRunning);
  EXPECT_TRUE(asked->cancel);
  EXPECT_TRUE(store.cancelled(lease));
  EXPECT_EQ(state(running), JobState::kCancelled);
  EXPECT_EQ(store.cancel(running)->state, JobState::kCancelled);
  EXPECT_FALSE(store.cancel("unknown"));
}

TEST_F(JobStoreTest, ACancelledJobIsNotTakenUpAgainAfterACrash) {
  const std::string id = submit(job());
  claim();
  store.cancel(id);
  store.recover("next", Loss::kCrash);
  EXPECT_EQ(state(id), JobState::kCancelled);
}

TEST_F(JobStoreTest, AKeyIsOneJobForEverAndForOneBody) {
  const IdempotencyKey key{"k", "body"};
  const Submission first = store.submit(job(), key, {});
  const Submission again = store.submit(job(), key, {});
  EXPECT_EQ(again.outcome, Submission::Outcome::kReplayed);
  EXPECT_EQ(again.job.id, first.job.id);
  EXPECT_EQ(store.submit(job(), {"k", "other"}, {}).outcome, Submission::Outcome::kOtherBody);
  NewJob other = job();
  other.owner = "somebody else";
  EXPECT_EQ(store.submit(other, key, {}).outcome, Submission::Outcome::kAccepted);
}

TEST_F(JobStoreTest, TheQueueHasARoomForAllAndForEach) {
  const QueueLimits limits{.total = 3, .per_owner = 2};
  submit(job());
  submit(job());
  EXPECT_EQ(store.submit(job(), {}, limits).outcome, Submission::Outcome::kOwnerFull);
  NewJob other = job();
  other.owner = "p";
  EXPECT_EQ(store.submit(other, {}, limits).outcome, Submission::Outcome::kAccepted);
  EXPECT_EQ(store.submit(other, {}, limits).outcome, Submission::Outcome::kQueueFull);
  store.finish(claim());
  EXPECT_EQ(store.submit(other, {}, limits).outcome, Submission::Outcome::kAccepted);
}

TEST_F(JobStoreTest, ClientsTakeTurns) {
  const std::string a1 = submit(job("a"));
  const std::string a2 = submit(job("a"));
  const std::string a3 = submit(job("a"));
  const std::string b1 = submit(job("b"));
  const std::string c1 = submit(job("c"));
  EXPECT_THAT(store.queue(), ElementsAre(a1, b1, c1, a2, a3));
  store.finish(claim());
  const std::string d1 = submit(job("d"));
  EXPECT_THAT(store.queue(), ElementsAre(b1, c1, d1, a2, a3));
  for (const std::string& expected : {b1, c1, d1, a2, a3}) {
    const Lease lease = claim();
    EXPECT_EQ(lease.job, expected);
    store.finish(lease);
  }
}

TEST_F(JobStoreTest, TheQueueIsClaimedInTheOrderThatItTells) {
  for (int i = 0; i < 60; ++i) {
    NewJob wanted = job(std::string(1, static_cast<char>('a' + i * i % 7)));
    wanted.priority = i % 3 - 1;
    submit(wanted);
  }
  const std::vector<std::string> told = store.queue();
  for (const std::string& id : told) {
    const Lease lease = claim();
    ASSERT_EQ(lease.job, id);
    store.finish(lease);
  }
}

TEST_F(JobStoreTest, AJobIsFoundByItsPicturesOnlyWhileTheyAreAllThere) {
  PictureStore pictures(db);
  const std::string id = submit(job("c", 2));
  const Lease lease = claim();
  pictures.add({.id = "p0", .job = id, .index = 0}, lease);
  store.finish(lease);
  EXPECT_FALSE(store.find_done("h")) << "one is missing";
  pictures.adopt({.id = "p1", .job = id, .index = 1});
  EXPECT_EQ(store.find_done("h")->id, id);
  pictures.set_deleted("p1", 5);
  EXPECT_FALSE(store.find_done("h"));
  pictures.set_deleted("p1", std::nullopt);
  pictures.set_missing("p0", true);
  EXPECT_FALSE(store.find_done("h"));
}

TEST_F(JobStoreTest, PagesOfJobsAreNewestFirstAndFiltered) {
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(submit(job()));
  store.cancel(ids[2]);
  const auto page = store.list({.states = {}, .sheet = {}, .before = ids[4], .limit = 2});
  ASSERT_EQ(page.size(), 2u);
  EXPECT_EQ(page[0].id, ids[3]);
  EXPECT_EQ(page[1].id, ids[2]);
  EXPECT_EQ(store.list({.states = {JobState::kCancelled}}).size(), 1u);
}

}  // namespace
}  // namespace easel
