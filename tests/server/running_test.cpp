#include "server/app/running.h"

#include <gtest/gtest.h>

namespace easel::server {
namespace {

TEST(RunningTest, KnowsEachJobByItselfAndHowLongAStepTook) {
  Running running;
  running.begin("a");
  running.begin("b");
  EXPECT_EQ(running.count(), 2);
  EXPECT_EQ(running.progress_of("a"), nullptr);
  EXPECT_FALSE(running.step("a", {.step = 1, .seconds = 2, .seconds_left = 30}));
  EXPECT_FALSE(running.step("b", {.step = 5, .seconds = 9}));
  EXPECT_EQ(running.step("a", {.step = 2, .seconds = 2.5, .seconds_left = 29}), 0.5);
  EXPECT_FALSE(running.step("a", {.step = 1, .seconds = 4})) << "the next pictures";
  EXPECT_EQ(running.progress_of("b")->step, 5);
  EXPECT_FALSE(running.step("gone", {.step = 1}));
}

TEST(RunningTest, NothingIsLeftOfAJobThatEnded) {
  Running running;
  running.begin("a");
  running.step("a", {.step = 1, .seconds_left = 30});
  running.preview("a", {"png"});
  EXPECT_EQ(running.seconds_left(), 30);
  running.end("a");
  EXPECT_TRUE(running.empty());
  EXPECT_EQ(running.seconds_left(), 0);
  running.begin("a");
  EXPECT_TRUE(running.all().at("a").preview.empty());
}

}  // namespace
}  // namespace easel::server
