#pragma once

#include <cstddef>
#include <string_view>

namespace easel {

/// The fewest insertions, deletions, replacements and swaps of neighbours that make one word the
/// other, no byte touched twice (Damerau-Levenshtein, optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace easel
