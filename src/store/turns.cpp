#include "store/turns.h"

#include <algorithm>

namespace easel {

std::int64_t rank_in(const Line& line) {
  const std::int64_t now = line.running ? *line.running : line.waiting.value_or(0);
  return line.own_last ? std::max(now, *line.own_last + line.own_cost) : now;
}

}  // namespace easel
