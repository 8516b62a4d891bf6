#pragma once

#include <cstdint>

namespace easel {

/// Bytes that this process may still take: what the system has to spare, within the limits of its
/// cgroup and of its address space.
std::int64_t available_memory();

}  // namespace easel
