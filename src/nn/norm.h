#pragma once

#include <vector>

#include "backend/backend.h"
#include "weights/scope.h"

namespace easel {

/// Group normalisation (Wu & He 2018) in 32 groups, with SiLU after it where a block has one.
class GroupNorm {
 public:
  struct Spec {
    std::int64_t channels = 0;
    float eps = 1e-5f;
    Activation activation = Activation::kNone;  ///< kNone or kSilu
  };

  /// Takes `weight` and `bias`. Throws kWrongModel when the channels do not divide into 32 groups.
  GroupNorm(Backend& backend, const Scope& scope, const Spec& spec);

  /// x [B, ..., C] -> the same shape.
  Tensor operator()(ConstView x) const;
  void in_place(View x) const;

 private:
  Backend& backend_;
  GroupNormSpec spec_;
  std::vector<float> gamma_;
  std::vector<float> beta_;
};

/// Layer normalisation over the channels of each row; eps 1e-5 as everywhere in this family.
class LayerNorm {
 public:
  /// Takes `weight` and `bias`.
  LayerNorm(Backend& backend, const Scope& scope, std::int64_t channels);

  Tensor operator()(ConstView x) const;

 private:
  Backend& backend_;
  std::vector<float> gamma_;
  std::vector<float> beta_;
};

}  // namespace easel
