#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "core/dtype.h"
#include "core/shape.h"

namespace easel {

/// A weight that has not been read yet: its shape, and a way to read any run of its elements as
/// float in row-major order. Backends read it piece by piece straight into their packed storage, so
/// that no second copy of a large weight is ever in memory.
///
/// Thread rule: `read` may be called from several threads at once.
struct TensorSource {
  Shape shape;
  DType dtype = DType::kF32;  ///< how it is stored in the file
  /// Reads elements [first, first + out.size()). Throws kInvalidFile or kIo.
  /// REQUIRES: first + out.size() <= shape.elements()
  std::function<void(std::int64_t first, std::span<float> out)> read;
};

}  // namespace easel
