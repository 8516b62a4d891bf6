#include "atelier/missing.h"

namespace easel {

std::vector<Pictures> missing_in(const std::vector<bool>& there) {
  std::vector<Pictures> gaps;
  for (std::size_t k = 0; k < there.size(); ++k) {
    if (there[k]) continue;
    const bool goes_on = k > 0 && !there[k - 1];
    if (goes_on) {
      ++gaps.back().count;
    } else {
      gaps.push_back({.first = static_cast<int>(k)});
    }
  }
  return gaps;
}

}  // namespace easel
