#pragma once

#include <memory>
#include <utility>

#include "nn/place.h"

namespace easel {

/// 3x3, height and width stay.
inline Conv2dSpec same_conv(std::int64_t in, std::int64_t out) { return {.in = in, .out = out}; }

/// A convolution on [B, H, W, C].
class Conv2d {
 public:
  /// Takes `weight` [out, in, kernel, kernel] and `bias` [out].
  Conv2d(const Place& at, const Conv2dSpec& spec);
  /// Takes `weight` only.
  static Conv2d without_bias(const Place& at, const Conv2dSpec& spec);

  /// x [B, H, W, in] -> [B, H', W', out].
  Tensor operator()(ConstView x, const Epilogue& epilogue = {}) const;
  /// The same into memory that is already there. `out` may be the residual, never x.
  void run(ConstView x, const Epilogue& epilogue, View out) const;

  /// The shape of the result for x of this shape.
  Shape out_shape(const Shape& x) const;

 private:
  Conv2d(const Place& at, std::unique_ptr<const Conv2dOp> op)
      : backend_(at.backend), edges_(at.edges), op_(std::move(op)) {}
  void run_wrapped(ConstView x, const Epilogue& epilogue, View out) const;

  Backend& backend_;
  const Edges* edges_;
  std::unique_ptr<const Conv2dOp> op_;
};

}  // namespace easel
