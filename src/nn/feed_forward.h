#pragma once

#include <string_view>

#include "nn/linear.h"

namespace easel {

/// Two linear layers with an activation between them.
class FeedForward {
 public:
  struct Spec {
    std::int64_t channels = 0;
    std::int64_t inner = 0;
    Activation activation = Activation::kGelu;  ///< kGelu or kGeglu (Shazeer 2020)
    std::string_view first, second;             ///< the layers' names
  };

  FeedForward(const Place& at, const Spec& spec);

  /// x [B, T, channels] += the layers applied to norm_x.
  void add_to(View x, ConstView norm_x) const;

 private:
  Linear first_;
  Linear second_;
};

}  // namespace easel
