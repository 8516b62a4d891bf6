#pragma once

#include <cstdint>
#include <string>

namespace easel::test {

/// Breaks a file in a way that depends on the number alone: cuts, flipped bits, numbers at their
/// boundaries, pieces copied, moved and removed.
std::string mutate(std::string bytes, std::uint64_t number);

}  // namespace easel::test
