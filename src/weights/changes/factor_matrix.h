#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/tensor_source.h"

namespace easel {

/// A factor's values as a matrix: its first dimension, and all others.
struct Matrix {
  std::int64_t rows = 0, columns = 0;
  std::vector<float> values;

  std::span<const float> row(std::int64_t i) const {
    return std::span(values).subspan(static_cast<std::size_t>(i * columns),
                                     static_cast<std::size_t>(columns));
  }
};

Matrix read_matrix(const TensorSource& source);

Matrix transposed(const Matrix& a);

/// a [rows, r] times b [r, n]: [rows, n].
Matrix multiplied(const Matrix& a, const Matrix& b);

/// A convolution's factor with a core of its own (Tucker, CP): core [a, b, k, k] of `inner` = b and
/// down [b, in] give [a, in * k * k].
Matrix with_core(const Matrix& core, std::int64_t inner, const Matrix& down);

/// up * down, of rank r, a row at a time.
struct Product {
  Matrix up, down;

  /// out [down.columns] = row i.
  void row(std::int64_t i, std::span<float> out) const;
};

}  // namespace easel
