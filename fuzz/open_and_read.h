#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/error.h"
#include "weights/file.h"
#include "weights/weights.h"

namespace easel::fuzz {

/// Opens the bytes with one reader and reads every value. An Error is a right answer; anything else
/// that leaves this function, and whatever a sanitizer sees, is a finding.
template <typename Reader>
void open_and_read(const std::byte* data, std::size_t size, Reader reader) {
  try {
    const Weights weights =
        reader(File::in_memory("fuzz", std::vector<std::byte>(data, data + size)));
    std::int64_t budget = std::int64_t{1} << 20;  // elements; many expanded views are only slow
    for (const auto& [name, entry] : weights.entries()) {
      const std::int64_t elements = entry.source.shape.elements();
      std::vector<float> values(static_cast<std::size_t>(std::min(elements, budget)));
      entry.source.read(elements - static_cast<std::int64_t>(values.size()), values);
      budget -= static_cast<std::int64_t>(values.size());
    }
  } catch (const Error&) {
  }
}

}  // namespace easel::fuzz
