#include "atelier/missing.h"

#include <gmock/gmock.h>

namespace easel {
namespace {

std::vector<std::pair<int, int>> gaps(const std::vector<bool>& there) {
  std::vector<std::pair<int, int>> gaps;
  for (const Pictures& gap : missing_in(there)) gaps.emplace_back(gap.first, gap.count);
  return gaps;
}

TEST(Missing, NeighboursAreOneRun) {
  using ::testing::ElementsAre;
  using ::testing::IsEmpty;
  using ::testing::Pair;
  EXPECT_THAT(gaps({false, false, true, false, true, true, false, false, false}),
              ElementsAre(Pair(0, 2), Pair(3, 1), Pair(6, 3)));
  EXPECT_THAT(gaps({false}), ElementsAre(Pair(0, 1)));
  EXPECT_THAT(gaps({true, true}), IsEmpty());
  EXPECT_THAT(gaps({}), IsEmpty());
}

}  // namespace
}  // namespace easel
