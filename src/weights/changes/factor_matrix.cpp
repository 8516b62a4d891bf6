#include "weights/changes/factor_matrix.h"

#include <algorithm>

namespace easel {

Matrix read_matrix(const TensorSource& source) {
  const std::int64_t elements = source.shape.elements();
  const std::int64_t rows = source.shape.rank() == 0 ? 1 : source.shape[0];
  Matrix matrix{.rows = rows, .columns = rows == 0 ? 0 : elements / rows, .values = {}};
  matrix.values.resize(static_cast<std::size_t>(elements));
  source.read(0, matrix.values);
  return matrix;
}

Matrix transposed(const Matrix& a) {
  Matrix out{.rows = a.columns, .columns = a.rows, .values = std::vector<float>(a.values.size())};
  for (std::int64_t r = 0; r < a.rows; ++r) {
    for (std::int64_t c = 0; c < a.columns; ++c) {
      out.values[static_cast<std::size_t>(c * a.rows + r)] = a.row(r)[static_cast<std::size_t>(c)];
    }
  }
  return out;
}

Matrix multiplied(const Matrix& a, const Matrix& b) {
  Matrix out{.rows = a.rows, .columns = b.columns, .values = {}};
  out.values.resize(static_cast<std::size_t>(out.rows * out.columns));
  for (std::int64_t i = 0; i < a.rows; ++i) {
    float* to = out.values.data() + i * out.columns;
    for (std::int64_t r = 0; r < a.columns; ++r) {
      const float factor = a.row(i)[static_cast<std::size_t>(r)];
      const auto from = b.row(r);
      for (std::size_t c = 0; c < from.size(); ++c) to[c] += factor * from[c];
    }
  }
  return out;
}

Matrix with_core(const Matrix& core, std::int64_t inner, const Matrix& down) {
  const std::int64_t places = inner == 0 ? 0 : core.columns / inner;
  Matrix out{.rows = core.rows, .columns = down.columns * places, .values = {}};
  out.values.resize(static_cast<std::size_t>(out.rows * out.columns));
  for (std::int64_t a = 0; a < core.rows; ++a) {
    for (std::int64_t b = 0; b < inner; ++b) {
      for (std::int64_t i = 0; i < down.columns; ++i) {
        const float factor = down.row(b)[static_cast<std::size_t>(i)];
        for (std::int64_t k = 0; k < places; ++k) {
          out.values[static_cast<std::size_t>((a * down.columns + i) * places + k)] +=
              core.row(a)[static_cast<std::size_t>(b * places + k)] * factor;
        }
      }
    }
  }
  return out;
}

void Product::row(std::int64_t i, std::span<float> out) const {
  std::ranges::fill(out, 0.0f);
  for (std::int64_t r = 0; r < up.columns; ++r) {
    const float factor = up.row(i)[static_cast<std::size_t>(r)];
    const auto from = down.row(r);
    for (std::size_t c = 0; c < out.size(); ++c) out[c] += factor * from[c];
  }
}

}  // namespace easel
