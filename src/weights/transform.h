#pragma once

#include <vector>

#include "core/tensor_source.h"
#include "weights/weights.h"

// Weights from weights: what changes a model before its networks read it. Nothing is computed until
// a tensor is read.

namespace easel {

/// (1 - share) * a + share * b, tensor by tensor: network interpolation (Wang et al. 2018, section
/// 3.4). Throws kWrongModel naming the first tensor that only one has or whose shapes differ.
Weights mixed(const Weights& a, const Weights& b, double share);

/// Several weights [out_i, in] (or biases [out_i]) as one of [sum of out_i, in], read piece by
/// piece from the originals. REQUIRES: at least one part; equal sizes but for the first.
TensorSource concat_rows(std::vector<TensorSource> parts);

}  // namespace easel
