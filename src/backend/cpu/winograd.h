#pragma once

#include "backend/cpu/gemm.h"

namespace easel::cpu {

/// A 3x3 convolution of stride 1 and padding 1 by Winograd's F(4x4, 3x3): a quarter of the
/// multiplications. `matrix` holds the spatial weights, tap after tap as the direct algorithm reads
/// them; they are transformed on the fly, block by block in the cache, so that memory and the
/// stream of weights stay as they are.
void convolve_winograd(const Context& context, const Conv2dSpec& spec, const PackedMatrix& matrix,
                       ConstView x, const GemmFinish& finish);

}  // namespace easel::cpu
