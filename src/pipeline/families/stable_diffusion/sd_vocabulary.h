#pragma once

#include <memory>

#include "pipeline/drawing/model_info.h"
#include "tokenizers/clip_bpe.h"

namespace easel {

/// CLIP's vocabulary: the one named, else the tokenizer's folder beside the weights, else an
/// installed one ("clip", which comes with Easel). Throws kNotFound, and what reading it throws.
std::unique_ptr<const ClipBpe> find_clip_vocabulary(const ModelLocation& location);

}  // namespace easel
