#pragma once

#include "weights/weights.h"

namespace easel {

/// (1 - share) * a + share * b, tensor by tensor: network interpolation (Wang et al. 2018, section
/// 3.4). Throws kWrongModel naming the first tensor that only one has or whose shapes differ.
Weights mixed(const Weights& a, const Weights& b, double share);

}  // namespace easel
