#pragma once

#include <cstdint>
#include <string>

namespace easel {

/// "3.5 GB" (10^9 bytes)
std::string gigabytes(std::int64_t bytes);

}  // namespace easel
