#include "core/shape.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "core/error.h"

namespace easel {

Shape::Shape(std::initializer_list<std::int64_t> dims)
    : Shape(std::span<const std::int64_t>(dims.begin(), dims.size())) {}

Shape::Shape(std::span<const std::int64_t> dims) {
  if (dims.size() > kMaxRank) {
    fail(ErrorCode::kInvalidFile, "a tensor has {} dimensions, at most {} are read", dims.size(),
         static_cast<int>(kMaxRank));
  }
  for (const std::int64_t dim : dims) {
    if (dim < 0) fail(ErrorCode::kInvalidFile, "a tensor has a dimension of {}", dim);
    dims_[static_cast<std::size_t>(rank_++)] = dim;
  }
}

std::int64_t Shape::elements() const {
  std::int64_t product = 1;
  for (const std::int64_t dim : dims()) {
    if (__builtin_mul_overflow(product, dim, &product)) {
      fail(ErrorCode::kInvalidFile, "the tensor shape {} has more elements than 63 bits count",
           text());
    }
  }
  return product;
}

std::string Shape::text() const { return fmt::format("[{}]", fmt::join(dims(), ", ")); }

bool Shape::operator==(const Shape& other) const {
  return std::ranges::equal(dims(), other.dims());
}

}  // namespace easel
