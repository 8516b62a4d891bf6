#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace easel {

/// The fewest insertions, deletions, replacements and swaps of neighbours that make one word the
/// other, no byte touched twice (Damerau-Levenshtein, optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate that `wanted` was probably meant to be: fewest such changes, at most a third of
/// its length. Empty when none is near.
std::string nearest(std::string_view wanted, std::span<const std::string> candidates);

}  // namespace easel
