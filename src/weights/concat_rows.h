#pragma once

#include <vector>

#include "core/tensor_source.h"

namespace easel {

/// Several weights [out_i, in] (or biases [out_i]) as one of [sum of out_i, in], read piece by
/// piece from the originals. REQUIRES: at least one part; equal sizes but for the first.
TensorSource concat_rows(std::vector<TensorSource> parts);

}  // namespace easel
