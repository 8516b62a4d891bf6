#pragma once

#include <cstdint>
#include <string>

namespace easel {

/// Bytes that this process may still take: what the system has to spare, within the limits of its
/// cgroup and of its address space.
std::int64_t available_memory();

/// "3.5 GB" (10^9 bytes)
std::string gigabytes(std::int64_t bytes);

}  // namespace easel
