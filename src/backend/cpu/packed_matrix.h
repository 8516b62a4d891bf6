#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "backend/cpu/context.h"

namespace easel::cpu {

/// A weight matrix as the right operand of a product, cut into panels of columns in the order in
/// which the kernels read it: panel by panel, [k, columns] each. The last panel may be one vector
/// wide. Stored as float32, as float16 or, where the weight is a matrix in 8 bits (a source of type
/// I8 that reads as float), as 8-bit whole numbers: each 32 terms of a tap in a column share a
/// float16 scale.
class PackedMatrix {
 public:
  struct Layout {
    std::int64_t k;        ///< length of a sum
    std::int64_t columns;  ///< rows of the weight, results of the product
    /// Of a convolution: its weight rows lie channel by channel, the sums run tap by tap.
    std::int64_t taps = 1;
    /// Each panel is one vector of columns from the first half of the weight's rows and one of the
    /// matching columns from the second half.
    bool gated = false;
  };

  /// weight: `columns` rows of k elements.
  PackedMatrix(const Context& context, const Layout& layout, const TensorSource& weight,
               const TensorSource* bias);

  std::int64_t k() const { return k_; }
  std::int64_t panels() const { return panels_; }
  /// Vectors in a row of a panel: 2, or 1 in a narrow last one.
  int vectors(std::int64_t panel) const { return panel == panels_ - 1 ? last_vectors_ : 2; }
  std::int64_t bytes() const {
    return static_cast<std::int64_t>(data_.bytes() + scales_.size() * sizeof(std::uint16_t));
  }

  /// Terms [first, first + count) of a panel as float. `scratch` holds count * panel width floats,
  /// used when the weights are stored narrower.
  const float* terms(std::int64_t panel, std::int64_t first, std::int64_t count,
                     float* scratch) const;
  /// Where those terms lie in memory, to be brought towards the cache.
  std::span<const std::byte> stored(std::int64_t panel, std::int64_t first,
                                    std::int64_t count) const;
  /// The bias of a panel's columns, in the panel's order, zero where there is none.
  const float* bias(std::int64_t panel) const { return bias_.data() + panel * width_; }

 private:
  /// Bytes of a stored weight.
  std::int64_t element() const { return eight_bits_ ? 1 : precision_ == Precision::kF16 ? 2 : 4; }
  std::int64_t blocks() const;  // of 32 terms, of all taps
  void narrow_panel(std::int64_t panel, const float* packed);
  void widen_terms(std::int64_t panel, std::int64_t first, std::int64_t count,
                   float* scratch) const;
  void pack_panel(const Context& context, const Layout& layout, const TensorSource& weight,
                  std::int64_t panel, int worker);
  std::int64_t weight_row(std::int64_t panel, std::int64_t column) const;

  const GemmKernels& kernels_;
  const std::int64_t k_;
  const std::int64_t columns_;
  const std::int64_t width_;
  const bool gated_;
  const Precision precision_;
  const bool eight_bits_;
  const std::int64_t channels_;  // of a tap
  std::int64_t panels_;
  int last_vectors_;
  Buffer data_;
  std::vector<std::uint16_t> scales_;  // [panel][tap][block][column]
  std::vector<float> bias_;
};

}  // namespace easel::cpu
