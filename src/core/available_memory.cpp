#include "core/available_memory.h"

#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace easel {
namespace {

constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();

// "MemAvailable:   23456789 kB" in a file of such lines.
std::optional<std::int64_t> kilobytes_in(const char* file, std::string_view key) {
  std::ifstream stream(file);
  std::string name, unit;
  std::int64_t value = 0;
  while (stream >> name) {
    if (name == key && stream >> value) return value * 1024;
    stream.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  return std::nullopt;
}

std::optional<std::int64_t> number_in_file(const char* file) {
  std::ifstream stream(file);
  std::int64_t value = 0;
  if (stream >> value) return value;
  return std::nullopt;  // "max"
}

std::int64_t left_in_cgroup() {
  const auto limit = number_in_file("/sys/fs/cgroup/memory.max");
  const auto used = number_in_file("/sys/fs/cgroup/memory.current");
  return limit && used ? std::max<std::int64_t>(0, *limit - *used) : kNoLimit;
}

std::int64_t left_of_address_space() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return kNoLimit;
  const std::int64_t used = kilobytes_in("/proc/self/status", "VmSize:").value_or(0);
  return std::max<std::int64_t>(0, static_cast<std::int64_t>(limit.rlim_cur) - used);
}

}  // namespace

std::int64_t available_memory() {
  const std::int64_t system = kilobytes_in("/proc/meminfo", "MemAvailable:").value_or(kNoLimit);
  return std::min({system, left_in_cgroup(), left_of_address_space()});
}

}  // namespace easel
