#include "nn/edges.h"

#include <cassert>
#include <vector>

namespace easel {
namespace {

std::int64_t around(std::int64_t at, std::int64_t count) { return ((at % count) + count) % count; }

}  // namespace

Tensor with_margin(Backend& backend, ConstView x, const Margin& margin) {
  const std::int64_t height = x.shape[1], width = x.shape[2];
  const Shape shape{x.shape[0], height + 2 * margin.y, width + 2 * margin.x, x.shape[3]};
  std::vector<int> rows;
  rows.reserve(static_cast<std::size_t>(shape[0] * shape[1] * shape[2]));
  for (std::int64_t picture = 0; picture < shape[0]; ++picture) {
    for (std::int64_t i = 0; i < shape[1]; ++i) {
      const std::int64_t line = picture * height + around(i - margin.y, height);
      for (std::int64_t j = 0; j < shape[2]; ++j) {
        rows.push_back(static_cast<int>(line * width + around(j - margin.x, width)));
      }
    }
  }
  Tensor out(backend.arena(), shape);
  const std::int64_t count = shape[0] * shape[1] * shape[2];
  backend.gather_rows(ConstView(x.address, {x.rows(), x.channels()}, x.stride), rows,
                      View(out.address(), {count, x.channels()}, x.channels()));
  return out;
}

}  // namespace easel
