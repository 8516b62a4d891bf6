#pragma once

#include <cstdint>
#include <functional>

namespace easel {

/// The two times of a store, in milliseconds.
struct StoreClock {
  /// What people see: since 1970, as the computer's clock says now.
  std::function<std::int64_t()> wall;
  /// What leases and waiting go by: since 1970 too, but it never jumps when somebody sets the
  /// clock, and it goes on while the machine sleeps.
  std::function<std::int64_t()> steady;
};

/// The machine's.
StoreClock machine_clock();

}  // namespace easel
