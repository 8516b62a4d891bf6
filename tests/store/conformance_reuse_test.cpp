#include <gmock/gmock.h>

#include "conformance.h"

namespace easel {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Pictures that were made before are not made again, whatever job they are of.

// The ids of a job's pictures; each has the place that it has in this job.
std::vector<std::string> shown(Records& records, const std::string& job) {
  std::vector<std::string> ids;
  int last = -1;
  for (const PictureRecord& one :
       records.read_now([&](const Transaction& t) { return t.pictures().of_job(job); })) {
    EXPECT_GT(one.index, last);
    last = one.index;
    ids.push_back(one.id);
  }
  return ids;
}

TEST_P(Conformance, AJobOfPicturesThatAreThereIsDoneAtOnce) {
  const std::string a = put("x", {.job = "other", .index = 3, .hash = "a"});
  const std::string b = put("x", {.job = "another", .hash = "b"});
  const Submission made = submit(wanting({"b", "a"}), {}, {.total = 0});
  EXPECT_EQ(made.outcome, Submission::Outcome::kAccepted) << "it takes no place in a full queue";
  EXPECT_EQ(made.job.state, JobState::kDone);
  EXPECT_TRUE(made.job.finished);
  EXPECT_THAT(shown(records, made.job.id), ElementsAre(b, a));
  EXPECT_EQ(find(made.job.id)->state, JobState::kDone);
  EXPECT_THAT(line(), IsEmpty());
}

TEST_P(Conformance, AJobIsAskedToDrawOnlyWhatIsNotThere) {
  const std::string b = put("x", {.job = "other", .hash = "b"});
  const std::string id = submit(wanting({"a", "b", "c"}));
  EXPECT_EQ(state(id), JobState::kQueued);
  EXPECT_THAT(shown(records, id), ElementsAre(b)) << "what is there is shown at once";
  const auto job = claimed();
  ASSERT_EQ(job->picture_ids.size(), 3u);
  EXPECT_EQ(job->picture_ids[1], b);
  EXPECT_FALSE(picture(job->picture_ids[0]) || picture(job->picture_ids[2]));
}

TEST_P(Conformance, WhatOthersDrewSinceItWasSubmittedIsTakenWhenItsTurnComes) {
  const std::string id = submit(wanting({"a", "b"}));
  const std::string b = put("x", {.job = "other", .hash = "b"});
  const auto job = claimed();
  EXPECT_EQ(job->picture_ids.at(1), b);
  // What it drew itself stays its own, though another of the same hash is newer.
  ASSERT_TRUE(add({.id = job->picture_ids[0], .job = id, .index = 0, .hash = "a"}));
  put("x", {.job = "other", .index = 1, .hash = "a"});
  settle({id, job->attempt, "w"}, Ending::kGivenBack);
  EXPECT_EQ(claimed()->picture_ids, job->picture_ids);
}

TEST_P(Conformance, WhoDoesNotReuseDrawsAnew) {
  put("x", {.hash = "a"});
  NewJob wanted = wanting({"a"});
  wanted.reuse = false;
  const std::string id = submit(wanted);
  EXPECT_EQ(state(id), JobState::kQueued);
  EXPECT_FALSE(picture(claimed()->picture_ids.at(0)));
}

TEST_P(Conformance, AStudyThatIsAskedForAgainIsListed) {
  const std::string study = put("x", {.hash = "a", .listed = false});
  NewJob again = wanting({"a"});
  again.listed = false;
  submit(again);
  EXPECT_FALSE(picture(study)->listed) << "another study changes nothing";
  submit(wanting({"a"}));
  EXPECT_TRUE(picture(study)->listed);
}

}  // namespace
}  // namespace easel
