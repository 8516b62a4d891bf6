#pragma once

#include <vector>

namespace easel {

/// Part of a line of pixels that is computed at once: [first, first + size) is kept of what comes
/// out for [from, from + length).
struct Tile {
  int first = 0;
  int size = 0;
  int from = 0;
  int length = 0;
};

/// Cuts `size` pixels into tiles of about equal size, at most `tile` each, that look `overlap`
/// pixels beyond themselves where there are any. All `first` and `from` are multiples of
/// `multiple`. REQUIRES: size is a multiple of `multiple`, tile >= 1
std::vector<Tile> cut_tiles(int size, int tile, int overlap, int multiple);

}  // namespace easel
