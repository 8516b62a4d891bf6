#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "core/dtype.h"
#include "core/shape.h"
#include "weights/file.h"
#include "weights/weights.h"

namespace easel {

/// Where a tensor's values lie in a file.
struct StoredTensor {
  std::shared_ptr<const File> file;
  std::int64_t offset = 0;  ///< bytes from the file's start to element 0
  DType dtype = DType::kF32;
  Shape shape;
  /// Elements between neighbours in each dimension; row-major without gaps when absent.
  /// REQUIRES: none negative, and the last element still inside the file.
  std::optional<std::array<std::int64_t, Shape::kMaxRank>> strides = std::nullopt;
};

/// A weight that reads this tensor from its file: contiguous runs by one positioned read, views by
/// windows of a few megabytes.
Weights::Entry make_entry(StoredTensor tensor);

/// What a tensor of this shape takes when stored; nothing when that does not fit 63 bits.
std::optional<std::int64_t> stored_bytes(std::span<const std::int64_t> dims, DType dtype);

/// No file that this program reads has more tensors: the most that a hostile directory can make it
/// remember.
inline constexpr std::size_t kMaxTensors = std::size_t{1} << 16;

}  // namespace easel
