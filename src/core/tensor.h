#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "core/arena.h"
#include "core/shape.h"

namespace easel {

/// Owns a contiguous float32 array. Images are [B, H, W, C], tokens [B, T, C].
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

  float* data() { return data_; }
  const float* data() const { return data_; }
  std::span<float> values() { return {data_, static_cast<std::size_t>(elements_)}; }
  std::span<const float> values() const { return {data_, static_cast<std::size_t>(elements_)}; }
  bool empty() const { return data_ == nullptr; }

  /// The same values under another shape. REQUIRES: as many elements.
  Tensor reshaped(Shape shape) &&;

 private:
  Arena* arena_ = nullptr;
  float* data_ = nullptr;
  Shape shape_;
  std::int64_t elements_ = 0;
};

}  // namespace easel
