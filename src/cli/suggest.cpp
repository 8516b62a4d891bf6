#include "cli/suggest.h"

#include <algorithm>

#include "core/edit_distance.h"

namespace easel::cli {

std::string nearest(std::string_view wanted, std::span<const std::string> candidates) {
  constexpr std::size_t kLongest = 200;  // nothing longer was meant to be a name
  if (wanted.size() > kLongest) return "";
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(1, wanted.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t d = edit_distance(wanted, candidate);
    if (d < best_distance) {
      best_distance = d;
      best = candidate;
    }
  }
  return best;
}

}  // namespace easel::cli
