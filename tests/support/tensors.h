#pragma once

#include <span>
#include <vector>

#include "backend/backend.h"

namespace easel::testing {

/// A tensor's values, on the host.
inline std::vector<float> values_of(Backend& backend, ConstView x) {
  std::vector<float> values(static_cast<std::size_t>(x.shape.elements()));
  backend.download(x, Layout::kPixels, values);
  return values;
}

/// Host values as a tensor. REQUIRES: as many as the shape has.
inline Tensor tensor_of(Backend& backend, const Shape& shape, std::span<const float> values) {
  Tensor tensor(backend.arena(), shape);
  backend.upload(values, Layout::kPixels, tensor);
  return tensor;
}

}  // namespace easel::testing
