#include "pipeline/tiles.h"

#include <algorithm>

namespace easel {

std::vector<Tile> cut_tiles(int size, int tile, int overlap, int multiple) {
  const int units = size / multiple;
  const int margin = (overlap + multiple - 1) / multiple * multiple;
  const int count = std::clamp((size + tile - 1) / tile, 1, units);
  std::vector<Tile> tiles;
  for (int i = 0; i < count; ++i) {
    const auto edge = [&](int k) {
      return static_cast<int>(static_cast<long long>(units) * k / count) * multiple;
    };
    const int begin = edge(i), end = edge(i + 1);
    const int from = std::max(0, begin - margin), to = std::min(size, end + margin);
    tiles.push_back({.first = begin, .size = end - begin, .from = from, .length = to - from});
  }
  return tiles;
}

}  // namespace easel
