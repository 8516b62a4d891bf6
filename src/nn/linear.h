#pragma once

#include <memory>

#include "nn/place.h"

namespace easel {

/// y = activation(x W^T + b). Also a 1x1 convolution, which is the same thing on [B, H, W, C].
class Linear {
 public:
  struct Spec {
    std::int64_t in = 0;
    std::int64_t out = 0;
    bool bias = true;
    Activation activation = Activation::kNone;
  };

  /// Takes `weight` [out, in] and `bias` [out].
  Linear(const Place& at, const Spec& spec);
  /// From weights put together by the caller; `bias` may be null.
  Linear(Backend& backend, const LinearSpec& spec, const TensorSource& weight,
         const TensorSource* bias);

  /// x [..., in] -> [..., out].
  Tensor operator()(ConstView x, const Epilogue& epilogue = {}) const;
  /// The same into memory that is already there (channels of a wider tensor, the residual).
  void run(ConstView x, const Epilogue& epilogue, View out) const;
  /// residual + the layer applied to x, in the residual's memory where it has as many pictures;
  /// with fewer they stand for all of x's. residual [B, ...], x [k * B, ...] -> [k * B, ...].
  Tensor added_to(Tensor residual, ConstView x) const;

  std::int64_t out_channels() const { return op_->out_channels(); }

 private:
  Backend& backend_;
  std::unique_ptr<const LinearOp> op_;
};

}  // namespace easel
