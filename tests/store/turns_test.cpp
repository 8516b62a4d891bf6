#include "store/turns.h"

#include <gtest/gtest.h>

namespace easel {
namespace {

TEST(Turns, AnEmptyLineStartsAtNothing) { EXPECT_EQ(rank_in({}), 0); }

TEST(Turns, WhoComesNewStartsWhereTheLineIsServed) {
  EXPECT_EQ(rank_in({.running = 70, .waiting = 71}), 70);
  EXPECT_EQ(rank_in({.waiting = 50}), 50) << "nobody is served at the moment";
}

TEST(Turns, AClientsJobsStandOneBehindTheOther) {
  EXPECT_EQ(rank_in({.running = 10, .waiting = 10, .own_last = 40, .own_cost = 5}), 45);
}

TEST(Turns, WhoWasServedLongAgoHasNoClaimOnThePast) {
  EXPECT_EQ(rank_in({.running = 100, .waiting = 101, .own_last = 3, .own_cost = 5}), 100);
}

}  // namespace
}  // namespace easel
