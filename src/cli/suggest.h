#pragma once

#include <span>
#include <string>
#include <string_view>

namespace easel::cli {

/// The candidate that `wanted` was probably meant to be: fewest insertions, deletions,
/// replacements and swaps, at most a third of its length. Empty when none is near.
std::string nearest(std::string_view wanted, std::span<const std::string> candidates);

}  // namespace easel::cli
