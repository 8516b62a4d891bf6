#pragma once

#include <cstdint>

#include "core/address.h"
#include "core/arena.h"
#include "core/shape.h"

namespace easel {

/// Owns a contiguous float32 array in a backend's memory. Images are [B, H, W, C], tokens
/// [B, T, C]. Its values are reached through the backend alone: by operations, upload and download.
/// Move-only: its memory comes from an Arena and goes back to it when the tensor ends.
class Tensor {
 public:
  Tensor() = default;
  /// Uninitialised values. The arena outlives the tensor.
  Tensor(Arena& arena, Shape shape);
  Tensor(Tensor&& other) noexcept;
  Tensor& operator=(Tensor&& other) noexcept;
  ~Tensor();

  const Shape& shape() const { return shape_; }
  std::int64_t dim(int i) const { return shape_[i]; }
  std::int64_t elements() const { return elements_; }
  std::int64_t batch() const { return shape_[0]; }
  std::int64_t channels() const { return shape_.back(); }
  /// Everything but the last dimension: the rows of the matrix [rows, channels].
  std::int64_t rows() const { return elements_ / shape_.back(); }

  Address address() const { return Address(block_); }
  bool empty() const { return block_ == nullptr; }

  /// The same values under another shape. REQUIRES: as many elements.
  Tensor reshaped(Shape shape) &&;

 private:
  Arena* arena_ = nullptr;
  void* block_ = nullptr;
  Shape shape_;
  std::int64_t elements_ = 0;
};

}  // namespace easel
