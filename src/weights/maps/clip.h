#pragma once

#include <string_view>

#include "weights/weights.h"

namespace easel {

/// CLIP's text encoder as OpenCLIP names it (transformer.resblocks.N, attn.in_proj_weight, …) ->
/// transformers' names (text_model.encoder.layers.N, self_attn.{q,k,v}_proj, …): queries, keys and
/// values are the thirds of one tensor, and the projection is transposed. Tensors that begin with
/// `from` are renamed and begin with `to`; the others stay. Throws kInvalidFile for shapes that are
/// no such encoder's.
Weights with_transformers_clip_names(const Weights& weights, std::string_view from,
                                     std::string_view to);

}  // namespace easel
