#pragma once

#include <cstdint>
#include <string>

#include "core/thread_pool.h"

namespace easel {

/// What this machine can do at most, measured: the yardstick of `easel bench`.
struct MachinePeak {
  double flops = 0;             ///< float32 multiply-adds a second, times 2
  double bytes_per_second = 0;  ///< read from memory, far beyond the caches
};

/// Of one core, as the system says it; 1 MiB where it does not.
std::int64_t second_level_cache_bytes();

/// Measures for about half a second. `target`: the instruction set, empty for the best.
MachinePeak measure_peak(ThreadPool& threads, const std::string& target);

}  // namespace easel
