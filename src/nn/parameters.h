#pragma once

#include <vector>

#include "core/tensor_source.h"
#include "weights/scope.h"

namespace easel {

/// Takes the vector `leaf` of `size` values. Throws kWrongModel, kInvalidFile, kIo.
std::vector<float> take_vector(const Scope& scope, std::string_view leaf, std::int64_t size);

/// Several weights [out_i, in] (or biases [out_i]) as one of [sum of out_i, in], read piece by
/// piece from the originals. REQUIRES: at least one part; equal sizes but for the first.
TensorSource concat_rows(std::vector<TensorSource> parts);

}  // namespace easel
