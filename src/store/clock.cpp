#include "store/clock.h"

#include <time.h>

#include "store/ulid.h"

namespace easel {
namespace {

std::int64_t since_boot_ms() {
  timespec now = {};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

}  // namespace

StoreClock machine_clock() {
  return {.wall = now_ms,
          .steady = [booted = now_ms() - since_boot_ms()] { return booted + since_boot_ms(); }};
}

}  // namespace easel
