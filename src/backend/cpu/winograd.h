#pragma once

#include "backend/cpu/gemm.h"

namespace easel::cpu {

/// A 3x3 convolution of stride 1 and padding 1 by Winograd's F(m x m, 3x3): 4/9 of the
/// multiplications for m = 2, a quarter for m = 4. `matrix` holds the spatial weights, tap after
/// tap as the direct algorithm reads them; they are transformed on the fly, block by block in the
/// cache, so that memory and the stream of weights stay as they are.
void convolve_winograd(const Context& context, const WinogradKernels& kernels,
                       const Conv2dSpec& spec, const PackedMatrix& matrix, ConstView x,
                       const GemmFinish& finish);

}  // namespace easel::cpu
