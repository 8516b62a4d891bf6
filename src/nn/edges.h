#pragma once

#include "backend/backend.h"

namespace easel {

/// What convolutions see beyond the edges of their input: zeros, or its other side, so that the
/// result can be laid side by side without a seam.
struct Edges {
  bool wrap_x = false;
  bool wrap_y = false;

  bool wrap() const { return wrap_x || wrap_y; }
  bool operator==(const Edges&) const = default;
};

/// So many columns of x [B, H, W, C] from the other side at its left and right, rows at its top and
/// bottom; negative ones are cut off.
struct Margin {
  std::int64_t x = 0;
  std::int64_t y = 0;
};
Tensor with_margin(Backend& backend, ConstView x, const Margin& margin);

}  // namespace easel
