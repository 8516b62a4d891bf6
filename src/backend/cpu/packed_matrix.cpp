#include "backend/cpu/packed_matrix.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace easel::cpu {
namespace {

constexpr std::int64_t kPieceTerms = 4096;
constexpr std::int64_t kPackReadsOver = 3;
// As weights/changes/eight_bits.h has it.
constexpr std::int64_t kBlockTerms = 32;
constexpr float kMostNumber = 127, kSmallestScale = 0x1p-14f;
// Of a panel, on any vector.
constexpr std::int64_t kMostColumns = 256;

// Terms [terms, columns] in whole numbers, each column with a scale of its own. Columns lie side by
// side, so that the compiler makes vectors of them.
void narrow_block(const float* from, std::int64_t terms, std::int64_t columns, std::int8_t* to,
                  std::uint16_t* scales) {
  std::array<float, kMostColumns> most{}, inverse;
  for (std::int64_t t = 0; t < terms; ++t) {
    for (std::int64_t c = 0; c < columns; ++c) {
      float& largest = most[static_cast<std::size_t>(c)];
      largest = std::max(largest, std::abs(from[t * columns + c]));
    }
  }
  for (std::int64_t c = 0; c < columns; ++c) {
    const auto at = static_cast<std::size_t>(c);
    scales[c] = float_to_half(std::max(most[at] / kMostNumber, kSmallestScale));
    inverse[at] = 1 / half_to_float(scales[c]);
  }
  for (std::int64_t t = 0; t < terms; ++t) {
    for (std::int64_t c = 0; c < columns; ++c) {
      const float value = std::clamp(from[t * columns + c] * inverse[static_cast<std::size_t>(c)],
                                     -kMostNumber, kMostNumber);
      to[t * columns + c] = static_cast<std::int8_t>(static_cast<int>(std::rint(value)));
    }
  }
}

}  // namespace

PackedMatrix::PackedMatrix(const Context& context, const Layout& layout, const TensorSource& weight,
                           const TensorSource* bias)
    : kernels_(context.kernels.gemm),
      k_(layout.k),
      columns_(layout.columns),
      width_(context.kernels.panel()),
      gated_(layout.gated),
      precision_(context.precision),
      eight_bits_(weight.dtype == DType::kI8),
      channels_(layout.k / layout.taps) {
  const std::int64_t lanes = kernels_.lanes;
  // A gated panel holds `lanes` results and their gates.
  panels_ = gated_ ? ceil_div(columns_ / 2, lanes) : ceil_div(columns_, width_);
  const std::int64_t last = columns_ - (panels_ - 1) * width_;
  last_vectors_ = !gated_ && last <= lanes ? 1 : 2;
  const std::int64_t vectors = 2 * (panels_ - 1) + last_vectors_;
  data_ = Buffer(static_cast<std::size_t>(vectors * lanes * k_ * element()));
  if (eight_bits_) scales_.resize(static_cast<std::size_t>(panels_ * width_ * blocks()));

  context.threads->parallel_for(panels_, [&](std::int64_t panel, int worker) {
    pack_panel(context, layout, weight, panel, worker);
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

// Rows are read in pieces that stay in a second-level cache until they are packed; rows in 8 bits
// whole, because reading a piece of one takes as long.
void PackedMatrix::pack_panel(const Context& context, const Layout& layout,
                              const TensorSource& weight, std::int64_t panel, int worker) {
  const std::int64_t columns = vectors(panel) * kernels_.lanes;
  PackTile tile{.taps = layout.taps,
                .channels = k_ / layout.taps,
                .vectors = vectors(panel),
                .precision = eight_bits_ ? Precision::kF32 : precision_,
                .panel = static_cast<std::byte*>(data_.data()) + panel * width_ * k_ * element()};
  // What becomes 8 bits is packed as floats first.
  std::vector<float> packed(eight_bits_ ? static_cast<std::size_t>(columns * k_) : 0);
  if (eight_bits_) tile.panel = packed.data();
  const std::int64_t most = eight_bits_ ? k_ : kPieceTerms;
  for (tile.first = 0; tile.first < k_; tile.first += most) {
    tile.count = std::min(most, k_ - tile.first);
    tile.row_stride = tile.count;
    float* rows = context.scratch.floats(worker, columns * tile.row_stride + kPackReadsOver);
    tile.rows = rows;
    for (std::int64_t c = 0; c < columns;) {
      const std::int64_t row = weight_row(panel, c);
      std::int64_t run = 1;  // columns that follow each other in the file too
      if (tile.count == k_) {
        while (c + run < columns && row >= 0 && weight_row(panel, c + run) == row + run) ++run;
      }
      const std::span<float> out(rows + c * tile.row_stride,
                                 static_cast<std::size_t>(run * tile.count));
      if (row < 0) {
        std::fill(out.begin(), out.end(), 0.0f);
      } else {
        weight.read(row * k_ + tile.first, out);
      }
      c += run;
    }
    context.kernels.pack(tile);
  }
  if (eight_bits_) narrow_panel(panel, packed.data());
}

std::int64_t PackedMatrix::blocks() const {
  return k_ / channels_ * ceil_div(channels_, kBlockTerms);
}

void PackedMatrix::narrow_panel(std::int64_t panel, const float* packed) {
  const std::int64_t columns = vectors(panel) * kernels_.lanes;
  auto* out = static_cast<std::int8_t*>(data_.data()) + panel * width_ * k_;
  std::uint16_t* scales = scales_.data() + panel * width_ * blocks();
  for (std::int64_t first = 0; first < k_;) {
    const std::int64_t terms = std::min(kBlockTerms, channels_ - first % channels_);
    narrow_block(packed + first * columns, terms, columns, out + first * columns, scales);
    scales += columns;
    first += terms;
  }
}

std::span<const std::byte> PackedMatrix::stored(std::int64_t panel, std::int64_t first,
                                                std::int64_t count) const {
  const std::int64_t columns = vectors(panel) * kernels_.lanes;
  const auto* data = static_cast<const std::byte*>(data_.data());
  return {data + (panel * width_ * k_ + first * columns) * element(),
          static_cast<std::size_t>(count * columns * element())};
}

const float* PackedMatrix::terms(std::int64_t panel, std::int64_t first, std::int64_t count,
                                 float* scratch) const {
  const std::int64_t columns = vectors(panel) * kernels_.lanes;
  if (eight_bits_) {
    widen_terms(panel, first, count, scratch);
    return scratch;
  }
  const std::int64_t offset = panel * width_ * k_ + first * columns;
  if (precision_ == Precision::kF32) return static_cast<const float*>(data_.data()) + offset;
  kernels_.widen(static_cast<const std::uint16_t*>(data_.data()) + offset, count * columns,
                 scratch);
  return scratch;
}

// A block of terms after another: the first and the last may be parts of one.
void PackedMatrix::widen_terms(std::int64_t panel, std::int64_t first, std::int64_t count,
                               float* scratch) const {
  const std::int64_t columns = vectors(panel) * kernels_.lanes;
  const auto* data = static_cast<const std::int8_t*>(data_.data()) + panel * width_ * k_;
  const std::uint16_t* scales = scales_.data() + panel * width_ * blocks();
  const std::int64_t blocks_a_tap = ceil_div(channels_, kBlockTerms);
  alignas(64) float widened[kMostColumns];
  for (const std::int64_t end = first + count; first < end;) {
    const std::int64_t channel = first % channels_;
    const std::int64_t block = first / channels_ * blocks_a_tap + channel / kBlockTerms;
    const std::int64_t left = std::min(kBlockTerms - channel % kBlockTerms, channels_ - channel);
    const std::int64_t terms = std::min(left, end - first);
    kernels_.widen(scales + block * columns, columns, widened);
    kernels_.widen_eight_bits(data + first * columns, widened, terms, columns, scratch);
    scratch += terms * columns;
    first += terms;
  }
}

}  // namespace easel::cpu
