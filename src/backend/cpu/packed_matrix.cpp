#include "backend/cpu/packed_matrix.h"

#include <cassert>
#include <cstring>

namespace easel::cpu {

PackedMatrix::PackedMatrix(const Context& context, const Layout& layout, const TensorSource& weight,
                           const TensorSource* bias)
    : kernels_(context.kernels.gemm),
      k_(layout.k),
      columns_(layout.columns),
      width_(context.kernels.panel()),
      gated_(layout.gated),
      precision_(context.precision) {
  const std::int64_t lanes = kernels_.lanes;
  // A gated panel holds `lanes` results and their gates.
  panels_ = gated_ ? ceil_div(columns_ / 2, lanes) : ceil_div(columns_, width_);
  const std::int64_t last = columns_ - (panels_ - 1) * width_;
  last_vectors_ = !gated_ && last <= lanes ? 1 : 2;
  const std::int64_t vectors = 2 * (panels_ - 1) + last_vectors_;
  const std::size_t element = precision_ == Precision::kF16 ? 2 : 4;
  data_ = Buffer(static_cast<std::size_t>(vectors * lanes * k_) * element);

  context.threads->parallel_for(panels_, [&](std::int64_t panel, int worker) {
    pack_panel(context, layout, weight, panel, context.scratch.floats(worker, 2 * width_ * k_));
  });

  bias_.assign(static_cast<std::size_t>(panels_ * width_), 0.0f);
  if (bias == nullptr) return;
  std::vector<float> values(static_cast<std::size_t>(columns_));
  bias->read(0, values);
  for (std::int64_t i = 0; i < panels_ * width_; ++i) {
    const std::int64_t row = weight_row(i / width_, i % width_);
    if (row >= 0) bias_[static_cast<std::size_t>(i)] = values[static_cast<std::size_t>(row)];
  }
}

std::int64_t PackedMatrix::weight_row(std::int64_t panel, std::int64_t column) const {
  if (!gated_) {
    const std::int64_t row = panel * width_ + column;
    return row < columns_ ? row : -1;
  }
  const std::int64_t lanes = width_ / 2, half = columns_ / 2;
  const std::int64_t row = panel * lanes + column % lanes;
  if (row >= half) return -1;
  return column < lanes ? row : half + row;
}

void PackedMatrix::pack_panel(const Context& context, const Layout& layout,
                              const TensorSource& weight, std::int64_t panel, float* scratch) {
  const std::int64_t columns = vectors(panel) * kernels_.lanes;
  float* rows = scratch;                  // [columns, k] as in the file
  float* packed = scratch + width_ * k_;  // [k, columns]
  for (std::int64_t c = 0; c < columns; ++c) {
    const std::int64_t row = weight_row(panel, c);
    const std::span<float> out(rows + c * k_, static_cast<std::size_t>(k_));
    if (row < 0) {
      std::fill(out.begin(), out.end(), 0.0f);
    } else {
      weight.read(row * k_, out);
    }
  }
  for (std::int64_t k = 0; k < k_; ++k) {
    const std::int64_t from = layout.source_k ? layout.source_k(k) : k;
    for (std::int64_t c = 0; c < columns; ++c) packed[k * columns + c] = rows[c * k_ + from];
  }
  const std::int64_t offset = panel * width_ * k_;
  if (precision_ == Precision::kF16) {
    context.kernels.gemm.narrow(packed, columns * k_,
                                static_cast<std::uint16_t*>(data_.data()) + offset);
  } else {
    std::memcpy(static_cast<float*>(data_.data()) + offset, packed,
                static_cast<std::size_t>(columns * k_) * sizeof(float));
  }
}

std::span<const std::byte> PackedMatrix::stored(std::int64_t panel, std::int64_t first,
                                                std::int64_t count) const {
  const std::int64_t columns = vectors(panel) * kernels_.lanes;
  const std::int64_t element = precision_ == Precision::kF16 ? 2 : 4;
  const auto* data = static_cast<const std::byte*>(data_.data());
  return {data + (panel * width_ * k_ + first * columns) * element,
          static_cast<std::size_t>(count * columns * element)};
}

const float* PackedMatrix::terms(std::int64_t panel, std::int64_t first, std::int64_t count,
                                 float* scratch) const {
  const std::int64_t columns = vectors(panel) * kernels_.lanes;
  const std::int64_t offset = panel * width_ * k_ + first * columns;
  if (precision_ == Precision::kF32) return static_cast<const float*>(data_.data()) + offset;
  kernels_.widen(static_cast<const std::uint16_t*>(data_.data()) + offset, count * columns,
                 scratch);
  return scratch;
}

}  // namespace easel::cpu
