#include "weights/concat_rows.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

namespace easel {

TensorSource concat_rows(std::vector<TensorSource> parts) {
  assert(!parts.empty());
  std::array<std::int64_t, Shape::kMaxRank> dims{};
  const auto first_dims = parts.front().shape.dims();
  std::copy(first_dims.begin(), first_dims.end(), dims.begin());
  dims[0] = 0;
  for (const TensorSource& part : parts) dims[0] += part.shape[0];

  TensorSource whole;
  whole.shape = Shape(std::span<const std::int64_t>(dims.data(), first_dims.size()));
  whole.dtype = parts.front().dtype;
  whole.read = [parts = std::move(parts)](std::int64_t first, std::span<float> out) {
    for (const TensorSource& part : parts) {
      const std::int64_t size = part.shape.elements();
      if (first < size && !out.empty()) {
        const auto count = std::min(static_cast<std::size_t>(size - first), out.size());
        part.read(first, out.first(count));
        out = out.subspan(count);
        first = size;
      }
      first -= size;
    }
  };
  return whole;
}

}  // namespace easel
