#pragma once

#include "backend/cpu/context.h"

namespace easel::cpu {

std::unique_ptr<UnaryOp> make_group_norm(const Context& context, const GroupNormSpec& spec,
                                         const TensorSource& gamma, const TensorSource& beta);
std::unique_ptr<UnaryOp> make_layer_norm(const Context& context, const LayerNormSpec& spec,
                                         const TensorSource& gamma, const TensorSource& beta);
std::unique_ptr<UnaryOp> make_prelu(const Context& context, const TensorSource& slope);

}  // namespace easel::cpu
