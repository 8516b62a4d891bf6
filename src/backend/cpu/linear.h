#pragma once

#include "backend/cpu/gemm.h"

namespace easel::cpu {

std::unique_ptr<LinearOp> make_linear(const Context& context, const LinearSpec& spec,
                                      const TensorSource& weight, const TensorSource* bias);

}  // namespace easel::cpu
