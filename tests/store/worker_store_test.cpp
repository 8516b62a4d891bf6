#include "store/worker_store.h"

#include <gmock/gmock.h>

#include "conformance.h"

namespace easel {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_P(Conformance, AWorkerDrawsAJobByItsStoreAlone) {
  LocalWorkerStore workers(records);
  const std::string id = submit(job("c", 2));
  const std::string me = workers.join();
  EXPECT_NE(me, workers.join());
  const JobRecord got = workers.claim(me).value();
  const Lease lease{got.id, got.attempt, me};
  EXPECT_FALSE(workers.claim(me));
  EXPECT_EQ(workers.publish(lease, {.id = "p0", .job = id, .index = 0}), Published::kAdded);
  EXPECT_EQ(workers.publish(lease, {.id = "p0", .job = id, .index = 0}), Published::kThereAlready)
      << "the answer was lost, and it asks again";
  EXPECT_EQ(workers.pictures_of(id).size(), 1u);
  EXPECT_EQ(workers.picture("p0")->job, id);
  EXPECT_TRUE(workers.add_note(lease, "note"));
  EXPECT_TRUE(workers.settle(lease, Ending::kDone, ""));
  EXPECT_FALSE(workers.settle(lease, Ending::kDone, ""));
  EXPECT_EQ(workers.publish(lease, {.id = "p1", .job = id, .index = 1}), Published::kUnwanted);
  EXPECT_FALSE(picture("p1"));
  EXPECT_EQ(find(id)->notes, R"(["note"])");
}

TEST_P(Conformance, APictureWhoseLeaseIsLostIsUnwantedUnlessSomebodyElseHasIt) {
  LocalWorkerStore workers(records);
  const std::string id = submit(job("c", 2));
  const std::string me = workers.join();
  const JobRecord mine = workers.claim(me).value();
  const Lease lease{id, mine.attempt, me};
  const PictureRecord first{.id = "p0", .job = id, .index = 0};
  const PictureRecord second{.id = "p1", .job = id, .index = 1};
  EXPECT_EQ(workers.publish(lease, first), Published::kAdded);
  EXPECT_TRUE(workers.settle(lease, Ending::kGivenBack, ""));
  EXPECT_EQ(workers.publish(lease, second), Published::kUnwanted) << "it waits";
  EXPECT_EQ(workers.publish(lease, first), Published::kLost) << "it is in the gallery";
  const std::string other = workers.join();
  const JobRecord theirs = workers.claim(other).value();
  EXPECT_EQ(workers.publish(lease, second), Published::kLost) << "the other saves it";
  EXPECT_TRUE(workers.settle({id, theirs.attempt, other}, Ending::kCancelled, ""));
  EXPECT_EQ(workers.publish(lease, second), Published::kUnwanted);
  EXPECT_EQ(workers.publish({"gone", 1, me}, second), Published::kUnwanted);
}

TEST_P(Conformance, AProcessNeverTakesAJobFromItsOwnLivingWorker) {
  LocalWorkerStore workers(records);
  submit(job());
  submit(job());
  const std::string first = workers.join();
  const std::string second = workers.join();
  const JobRecord drawn = workers.claim(first).value();
  const JobRecord other = workers.claim(second).value();
  store->advance(10 * kLeaseMs);  // it slept: the heartbeats of both are late, one comes first
  const Lease held{drawn.id, drawn.attempt, first};
  EXPECT_THAT(workers.heartbeat(first, std::vector{held}).lost, IsEmpty());
  EXPECT_EQ(state(other.id), JobState::kRunning);
  const Lease also_held{other.id, other.attempt, second};
  EXPECT_THAT(workers.heartbeat(second, std::vector{also_held}).lost, IsEmpty());
  EXPECT_EQ(find(drawn.id)->attempt, 1);

  workers.leave(second);
  store->advance(10 * kLeaseMs);
  workers.heartbeat(first, std::vector{held});
  EXPECT_EQ(state(other.id), JobState::kQueued) << "that one has ended";
}

}  // namespace
}  // namespace easel
