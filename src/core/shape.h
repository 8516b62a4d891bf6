#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

namespace easel {

/// The sizes of a tensor's dimensions, outermost first; at most eight. A value.
class Shape {
 public:
  static constexpr int kMaxRank = 8;

  Shape() = default;  ///< rank 0: a scalar, one element
  Shape(std::initializer_list<std::int64_t> dims);
  /// Throws kInvalidFile when there are more than eight sizes or one is negative.
  explicit Shape(std::span<const std::int64_t> dims);

  int rank() const { return rank_; }
  std::int64_t operator[](int i) const { return dims_[static_cast<std::size_t>(i)]; }
  std::int64_t back() const { return dims_[static_cast<std::size_t>(rank_ - 1)]; }
  std::span<const std::int64_t> dims() const {
    return {dims_.data(), static_cast<std::size_t>(rank_)};
  }

  /// The number of elements. Throws kInvalidFile when it does not fit 63 bits.
  std::int64_t elements() const;

  /// "[2, 64, 64, 320]"
  std::string text() const;

  bool operator==(const Shape& other) const;

 private:
  std::array<std::int64_t, kMaxRank> dims_{};
  int rank_ = 0;
};

}  // namespace easel
