#pragma once

#include <algorithm>

#include "backend/cpu/context.h"

namespace easel::cpu {

/// Rows of an element-wise operation or a partial sum that one task takes. Fixed, so that the order
/// of a sum never depends on the number of threads.
constexpr std::int64_t kTaskRows = 64;

/// Calls body(first, count) for all rows, shared out among the threads.
template <typename Body>
void each_rows(const Context& context, std::int64_t rows, const Body& body) {
  context.threads->parallel_for(ceil_div(rows, kTaskRows), [&](std::int64_t i) {
    body(i * kTaskRows, std::min(kTaskRows, rows - i * kTaskRows));
  });
}

/// Calls body(row) for each.
template <typename Body>
void each_row(const Context& context, std::int64_t rows, const Body& body) {
  each_rows(context, rows, [&](std::int64_t first, std::int64_t count) {
    for (std::int64_t row = first; row < first + count; ++row) body(row);
  });
}

}  // namespace easel::cpu
