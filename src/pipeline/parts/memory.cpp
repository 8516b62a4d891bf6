#include "pipeline/parts/memory.h"

#include <fmt/format.h>

namespace easel {

std::string gigabytes(std::int64_t bytes) {
  return fmt::format("{:.1f} GB", static_cast<double>(bytes) * 1e-9);
}

}  // namespace easel
