#include <gmock/gmock.h>

#include <set>

#include "conformance.h"

namespace easel {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// The states and leases of jobs.

TEST_P(Conformance, AJobGoesFromQueuedToRunningToDone) {
  const std::string id = submit(job("c", 3));
  EXPECT_EQ(state(id), JobState::kQueued);
  const auto running = claimed();
  ASSERT_TRUE(running);
  EXPECT_EQ(running->id, id);
  EXPECT_EQ(running->attempt, 1);
  EXPECT_EQ(std::set(running->picture_ids.begin(), running->picture_ids.end()).size(), 3u);
  EXPECT_EQ(state(id), JobState::kRunning);
  EXPECT_TRUE(settle({id, 1, "w"}, Ending::kDone));
  EXPECT_EQ(state(id), JobState::kDone);
  EXPECT_FALSE(claimed());
}

TEST_P(Conformance, AJobComesBackAsItWasAskedFor) {
  NewJob wanted = job("client", 3);
  wanted.owner = "owner";
  wanted.priority = -2;
  wanted.request = R"({"prompt":"pümpel"})";
  wanted.hash = "hash";
  wanted.model = "model";
  wanted.sheet = "sheet";
  wanted.cell = 7;
  wanted.cost = 1234;
  const JobRecord found = find(submit(wanted)).value();
  EXPECT_EQ(found.owner, wanted.owner);
  EXPECT_EQ(found.client, wanted.client);
  EXPECT_EQ(found.kind, wanted.kind);
  EXPECT_EQ(found.priority, wanted.priority);
  EXPECT_EQ(found.request, wanted.request);
  EXPECT_EQ(found.hash, wanted.hash);
  EXPECT_EQ(found.model, wanted.model);
  EXPECT_EQ(found.count, wanted.count);
  EXPECT_EQ(found.sheet, wanted.sheet);
  EXPECT_EQ(found.cell, wanted.cell);
  EXPECT_EQ(found.cost, wanted.cost);
  EXPECT_THAT(found.picture_ids, IsEmpty());
  EXPECT_EQ(found.notes, "[]");
  EXPECT_GT(found.created, 0);
  EXPECT_FALSE(found.started);
  EXPECT_FALSE(found.finished);
}

TEST_P(Conformance, WritesOfALostAttemptAreRefused) {
  const std::string id = submit(job());
  const Lease lost = claim();
  store->advance(kLeaseMs + 1);
  EXPECT_EQ(reap(), 1);
  EXPECT_EQ(state(id), JobState::kQueued);
  const Lease current = claim();
  EXPECT_GT(current.attempt, lost.attempt);
  for (const Ending ending : {Ending::kDone, Ending::kFailed, Ending::kCancelled,
                              Ending::kGivenBack, Ending::kRetryLater}) {
    EXPECT_FALSE(settle(lost, ending, "{}"));
  }
  records.write_now([&](Transaction& t) {
    EXPECT_FALSE(t.jobs().progressed(lost));
    EXPECT_FALSE(t.jobs().add_note(lost, "x"));
  });
  EXPECT_EQ(state(id), JobState::kRunning);
  EXPECT_TRUE(settle(current, Ending::kDone));
}

TEST_P(Conformance, AnAttemptOfTheSameNumberByAnotherWorkerIsRefused) {
  const std::string id = submit(job());
  const Lease lease = claim("w");
  EXPECT_FALSE(settle({id, lease.attempt, "another"}, Ending::kDone));
  EXPECT_EQ(state(id), JobState::kRunning);
}

TEST_P(Conformance, NotesAreKeptInOrder) {
  const std::string id = submit(job());
  const Lease lease = claim();
  records.write_now([&](Transaction& t) {
    EXPECT_TRUE(t.jobs().add_note(lease, "one"));
    EXPECT_TRUE(t.jobs().add_note(lease, "t\"wo"));
  });
  EXPECT_EQ(find(id)->notes, R"(["one","t\"wo"])");
}

TEST_P(Conformance, AHeartbeatKeepsTheLeaseAndTellsWhatToStop) {
  const std::string id = submit(job());
  const Lease lease = claim();
  store->advance(kLeaseMs - 1);
  EXPECT_THAT(beat({lease}).cancelled, IsEmpty());
  store->advance(kLeaseMs - 1);
  EXPECT_EQ(reap(), 0);
  cancel(id);
  const Beat told = beat({lease});
  EXPECT_THAT(told.cancelled, ElementsAre(id));
  EXPECT_THAT(told.lost, IsEmpty());
  EXPECT_THAT(told.unknown, IsEmpty());
  EXPECT_THAT(beat({}, "another").cancelled, IsEmpty());
}

TEST_P(Conformance, AHeartbeatNamesLeasesThatWereLostAndThoseThatNobodyHolds) {
  const std::string id = submit(job());
  const Lease lost = claim();
  store->advance(kLeaseMs + 1);
  EXPECT_EQ(reap(), 1);
  EXPECT_THAT(beat({lost}).lost, ElementsAre(lost));
  const Lease taken = claim("another");
  EXPECT_THAT(beat({lost}).lost, ElementsAre(lost));
  EXPECT_THAT(beat({taken}, "another").lost, IsEmpty());
  // The answer to the claim never came: the worker does not know that it has the job.
  EXPECT_THAT(beat({}, "another").unknown, ElementsAre(taken));
  EXPECT_TRUE(settle(taken, Ending::kGivenBack));
  EXPECT_EQ(state(id), JobState::kQueued);
  EXPECT_THAT(beat({}, "another").unknown, IsEmpty());
}

// A laptop that slept: its heartbeats are late, and so is everybody's.
TEST_P(Conformance, LivingWorkersOfTheOwnProcessLoseNothing) {
  const std::string id = submit(job());
  const std::string other = submit(job());
  const Lease mine = claim("mine");
  claim("gone");
  store->advance(10 * kLeaseMs);
  EXPECT_EQ(reap({"mine"}), 1);
  EXPECT_EQ(state(id), JobState::kRunning);
  EXPECT_EQ(state(other), JobState::kQueued);
  EXPECT_THAT(beat({mine}, "mine").lost, IsEmpty());
  EXPECT_EQ(reap(), 0) << "the heartbeat prolonged a lease that had run out";
  EXPECT_EQ(find(id)->attempt, 1);
}

TEST_P(Conformance, SettingTheClockLosesNothing) {
  const std::string id = submit(job());
  const std::string waiting = submit(job());
  const Lease lease = claim();
  for (const std::int64_t hour : {3'600'000, -3'600'000}) {
    store->set_clock(hour);
    EXPECT_EQ(reap(), 0);
    EXPECT_THAT(line(), ElementsAre(waiting));
  }
  EXPECT_TRUE(settle(lease, Ending::kRetryLater, "{}"));
  store->advance(3'000);
  EXPECT_THAT(line(), ElementsAre(id, waiting)) << "a retry keeps its rank";
}

TEST_P(Conformance, PictureIdsStayTheSameOverAttempts) {
  submit(job("c", 2));
  const auto first = claimed();
  settle({first->id, first->attempt, "w"}, Ending::kGivenBack);
  EXPECT_EQ(claimed()->picture_ids, first->picture_ids);
}

TEST_P(Conformance, ThreeLostAttemptsWithoutAPictureMakeAJobDead) {
  const std::string id = submit(job());
  for (int crash = 1; crash <= kMaxCrashes; ++crash) {
    EXPECT_EQ(state(id), JobState::kQueued) << crash;
    claim();
    store->advance(kLeaseMs + 1);
    reap();
  }
  EXPECT_EQ(state(id), JobState::kDead);
  EXPECT_FALSE(find(id)->error.empty());
  EXPECT_TRUE(requeue(id));
  EXPECT_EQ(state(id), JobState::kQueued);
}

TEST_P(Conformance, APictureMakesEarlierCrashesForgotten) {
  const std::string id = submit(job("c", 9));
  for (int crash = 0; crash < 9; ++crash) {
    const Lease lease = claim();
    EXPECT_TRUE(records.write_now([&](Transaction& t) { return t.jobs().progressed(lease); }));
    store->advance(kLeaseMs + 1);
    reap();
    ASSERT_EQ(state(id), JobState::kQueued);
  }
}

TEST_P(Conformance, PassingTroubleIsTriedAgainLaterEachTime) {
  const std::string id = submit(job());
  EXPECT_TRUE(settle(claim(), Ending::kRetryLater, "{}"));
  EXPECT_EQ(state(id), JobState::kQueued);
  EXPECT_FALSE(claimed()) << "not at once";
  store->advance(3'000);
  EXPECT_TRUE(settle(claim(), Ending::kRetryLater, "{}"));
  store->advance(3'000 / 2);
  EXPECT_FALSE(claimed()) << "longer than before";
  store->advance(6'000);
  EXPECT_TRUE(settle(claim(), Ending::kRetryLater, R"({"detail":"x"})"));
  EXPECT_EQ(state(id), JobState::kDead);
  EXPECT_EQ(find(id)->error, R"({"detail":"x"})");
}

TEST_P(Conformance, CancellingIsAtOnceForQueuedAndAskedOfRunning) {
  const std::string running = submit(job());
  const std::string queued = submit(job());
  const Lease lease = claim();
  EXPECT_EQ(cancel(queued)->state, JobState::kCancelled);
  EXPECT_TRUE(find(queued)->finished);
  const auto asked = cancel(running);
  EXPECT_EQ(asked->state, JobState::kRunning);
  EXPECT_TRUE(asked->cancel);
  EXPECT_TRUE(settle(lease, Ending::kCancelled));
  EXPECT_EQ(state(running), JobState::kCancelled);
  EXPECT_EQ(cancel(running)->state, JobState::kCancelled);
  EXPECT_FALSE(cancel("unknown"));
}

TEST_P(Conformance, ACancelledJobIsNotTakenUpAgainWhenItsWorkerIsLostOrGivesItBack) {
  const std::string lost = submit(job());
  claim();
  cancel(lost);
  store->advance(kLeaseMs + 1);
  reap();
  EXPECT_EQ(state(lost), JobState::kCancelled);
  const std::string given_back = submit(job());
  const Lease lease = claim();
  cancel(given_back);
  settle(lease, Ending::kGivenBack);
  EXPECT_EQ(state(given_back), JobState::kCancelled);
  EXPECT_TRUE(find(given_back)->finished);
}

TEST_P(Conformance, AKeyIsOneJobForEverAndForOneBody) {
  const IdempotencyKey key{"k", "body"};
  const Submission first = submit(job(), key, {});
  const Submission again = submit(job(), key, {});
  EXPECT_EQ(again.outcome, Submission::Outcome::kReplayed);
  EXPECT_EQ(again.job.id, first.job.id);
  EXPECT_EQ(submit(job(), {"k", "other"}, {}).outcome, Submission::Outcome::kOtherBody);
  NewJob other = job();
  other.owner = "somebody else";
  EXPECT_EQ(submit(other, key, {}).outcome, Submission::Outcome::kAccepted);
}

TEST_P(Conformance, TheQueueHasARoomForAllAndForEach) {
  const QueueLimits limits{.total = 3, .per_owner = 2};
  submit(job());
  submit(job());
  EXPECT_EQ(submit(job(), {}, limits).outcome, Submission::Outcome::kOwnerFull);
  NewJob other = job();
  other.owner = "p";
  EXPECT_EQ(submit(other, {}, limits).outcome, Submission::Outcome::kAccepted);
  EXPECT_EQ(submit(other, {}, limits).outcome, Submission::Outcome::kQueueFull);
  settle(claim(), Ending::kDone);
  EXPECT_EQ(submit(other, {}, limits).outcome, Submission::Outcome::kAccepted);
  records.read_now([](const Transaction& t) {
    EXPECT_EQ(t.jobs().active(""), 3);
    EXPECT_EQ(t.jobs().active("o"), 1);
  });
}

TEST_P(Conformance, ClientsTakeTurns) {
  const std::string a1 = submit(job("a"));
  const std::string a2 = submit(job("a"));
  const std::string a3 = submit(job("a"));
  const std::string b1 = submit(job("b"));
  const std::string c1 = submit(job("c"));
  EXPECT_THAT(line(), ElementsAre(a1, b1, c1, a2, a3));
  settle(claim(), Ending::kDone);
  const std::string d1 = submit(job("d"));
  EXPECT_THAT(line(), ElementsAre(b1, c1, d1, a2, a3));
  for (const std::string& expected : {b1, c1, d1, a2, a3}) {
    const Lease lease = claim();
    EXPECT_EQ(lease.job, expected);
    settle(lease, Ending::kDone);
  }
}

TEST_P(Conformance, WhoComesNewGoesNextButOneHoweverManyWait) {
  records.write_now([](Transaction& t) {
    for (int i = 0; i < 500; ++i) t.jobs().submit(job("a"), {}, {});
  });
  for (int i = 0; i < 100; ++i) settle(claim(), Ending::kDone);
  claim();
  const std::string b = submit(job("b"));
  EXPECT_EQ(place(b), 0);
  EXPECT_EQ(claim().job, b);
}

TEST_P(Conformance, TurnsAreMeasuredInTimeNotInJobs) {
  NewJob slow = job("slow");
  slow.cost = 3;
  const std::string s1 = submit(slow);
  const std::string s2 = submit(slow);
  std::vector<std::string> quick;
  for (int i = 0; i < 4; ++i) quick.push_back(submit(job("quick")));
  EXPECT_THAT(line(), ElementsAre(s1, quick[0], quick[1], quick[2], s2, quick[3]));
}

TEST_P(Conformance, TheQueueIsClaimedInTheOrderThatItTells) {
  for (int i = 0; i < 60; ++i) {
    NewJob wanted = job(std::string(1, static_cast<char>('a' + i * i % 7)));
    wanted.priority = i % 3 - 1;
    submit(wanted);
  }
  const std::vector<std::string> told = line();
  ASSERT_EQ(told.size(), 60u);
  for (std::size_t i = 0; i < told.size(); ++i) {
    EXPECT_EQ(place(told[i]), static_cast<int>(i));
  }
  EXPECT_EQ(line(3), std::vector(told.begin(), told.begin() + 3));
  for (const std::string& id : told) {
    const Lease lease = claim();
    ASSERT_EQ(lease.job, id);
    EXPECT_EQ(place(id), 0);
    settle(lease, Ending::kDone);
  }
}

TEST_P(Conformance, AJobThatIsQueuedAgainGoesToTheBackOfItsLine) {
  const std::string first = submit(job("a"));
  cancel(first);
  const std::string second = submit(job("a"));
  const std::string third = submit(job("a"));
  EXPECT_TRUE(requeue(first));
  EXPECT_FALSE(requeue(first)) << "it waits already";
  EXPECT_FALSE(requeue("unknown"));
  EXPECT_THAT(line(), ElementsAre(second, third, first));
}

TEST_P(Conformance, AJobIsFoundByItsPicturesOnlyWhileTheyAreAllThere) {
  const std::string id = submit(job("c", 2));
  const Lease lease = claim();
  const auto found = [&] {
    return records.read_now([](const Transaction& t) { return t.jobs().find_done("h"); });
  };
  add({.id = "p0", .job = id, .index = 0});
  settle(lease, Ending::kDone);
  EXPECT_FALSE(found()) << "one is missing";
  add({.id = "p1", .job = id, .index = 1});
  EXPECT_EQ(found()->id, id);
  records.write_now([](Transaction& t) { t.pictures().set_deleted("p1", 5); });
  EXPECT_FALSE(found());
  records.write_now([](Transaction& t) {
    t.pictures().set_deleted("p1", std::nullopt);
    t.pictures().set_missing("p0", true);
  });
  EXPECT_FALSE(found());
}

TEST_P(Conformance, PagesOfJobsAreNewestFirstAndFiltered) {
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(submit(job()));
  cancel(ids[2]);
  records.read_now([&](const Transaction& t) {
    const auto page = t.jobs().list({.states = {}, .sheet = {}, .before = ids[4], .limit = 2});
    ASSERT_EQ(page.size(), 2u);
    EXPECT_EQ(page[0].id, ids[3]);
    EXPECT_EQ(page[1].id, ids[2]);
    EXPECT_EQ(t.jobs().list({.states = {JobState::kCancelled}}).size(), 1u);
  });
}

TEST_P(Conformance, JobsWhosePicturesHaveIdsAreToldUntilTheyEnd) {
  const std::string never = submit(job("z"));
  const std::string ended = submit(job("a"));
  const std::string begun = submit(job("b"));
  while (state(ended) == JobState::kQueued || state(begun) == JobState::kQueued) {
    const Lease lease = claim();
    if (lease.job == never) settle(lease, Ending::kDone);
    if (lease.job == ended) settle(lease, Ending::kDone);
    if (lease.job == begun) break;
  }
  records.read_now([&](const Transaction& t) {
    const std::vector<JobRecord> told = t.jobs().begun();
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(told[0].id, begun);
    EXPECT_EQ(told[0].picture_ids.size(), 1u);
  });
}

}  // namespace
}  // namespace easel
