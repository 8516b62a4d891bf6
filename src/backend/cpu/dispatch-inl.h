// Picks one target's entry from a table that HWY_EXPORT made, without Highway's global choice: two
// backends of different targets can live side by side.

#pragma once

#include <hwy/highway.h>

namespace easel::cpu {

template <typename Table>
auto entry_for(const Table& table, std::int64_t target) {
#if (HWY_TARGETS & (HWY_TARGETS - 1)) == 0
  (void)target;
  return table[0];
#else
  hwy::ChosenTarget choice;
  choice.Update(target);
  return table[choice.GetIndex()];
#endif
}

}  // namespace easel::cpu
