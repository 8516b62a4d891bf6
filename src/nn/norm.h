#pragma once

#include <memory>

#include "nn/place.h"

namespace easel {

/// Group normalisation (Wu & He 2018), with SiLU after it where a block has one.
class GroupNorm {
 public:
  struct Spec {
    std::int64_t channels = 0;
    int groups = 1;
    float eps = 1e-5f;
    Activation activation = Activation::kNone;  ///< kNone or kSilu
  };

  /// Takes `weight` and `bias`. Throws kWrongModel when the channels do not divide into the groups.
  GroupNorm(const Place& at, const Spec& spec);

  /// x [B, ..., C] -> the same shape.
  Tensor operator()(ConstView x) const;
  void in_place(View x) const { op_->run(x, x); }

 private:
  Backend& backend_;
  std::unique_ptr<const UnaryOp> op_;
};

/// Layer normalisation over the channels of each row.
class LayerNorm {
 public:
  struct Spec {
    std::int64_t channels = 0;
    float eps = 1e-5f;
  };

  /// Takes `weight` and `bias`.
  LayerNorm(const Place& at, const Spec& spec);

  Tensor operator()(ConstView x) const;

 private:
  Backend& backend_;
  std::unique_ptr<const UnaryOp> op_;
};

/// max(x, 0) + slope * min(x, 0), a slope for each channel (He et al. 2015).
class Prelu {
 public:
  /// Takes `weight`.
  Prelu(const Place& at, std::int64_t channels);

  void in_place(View x) const { op_->run(x, x); }

 private:
  std::unique_ptr<const UnaryOp> op_;
};

}  // namespace easel
