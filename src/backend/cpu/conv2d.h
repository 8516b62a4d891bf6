#pragma once

#include "backend/cpu/gemm.h"

namespace easel::cpu {

std::unique_ptr<Conv2dOp> make_conv2d(const Context& context, const Conv2dSpec& spec,
                                      const TensorSource& weight, const TensorSource* bias);

}  // namespace easel::cpu
