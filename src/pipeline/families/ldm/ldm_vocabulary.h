#pragma once

#include <cstdint>
#include <memory>

#include "pipeline/drawing/model_info.h"
#include "tokenizers/tokenizer.h"

namespace easel {

/// BERT's vocabulary of `size` tokens: the one named, else beside the checkpoint (vocab.txt or
/// tokenizer/vocab.txt), else in an installed model. Throws kNotFound with what fetches it,
/// kWrongModel when the one named or beside the checkpoint has another size.
std::unique_ptr<const Tokenizer> find_vocabulary(const ModelLocation& location, std::int64_t size);

}  // namespace easel
