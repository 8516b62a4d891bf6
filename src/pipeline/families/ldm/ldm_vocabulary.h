#pragma once

#include <cstdint>
#include <memory>

#include "pipeline/drawing/model_info.h"
#include "tokenizers/known_words.h"
#include "tokenizers/tokenizer.h"

namespace easel {

/// BERT's vocabulary of `size` tokens: the one named, else beside the checkpoint (vocab.txt or
/// tokenizer/vocab.txt), else in an installed model. Throws kNotFound with what fetches it,
/// kWrongModel when the one named or beside the checkpoint has another size.
std::unique_ptr<const Tokenizer> find_vocabulary(const ModelLocation& location, std::int64_t size);

/// What a model with a thesaurus.tsv beside its own vocabulary makes of words that it was not
/// taught; null where it has none, or where another vocabulary was named. Throws kInvalidFile, kIo.
std::unique_ptr<const KnownWords> find_known_words(const ModelLocation& location);

}  // namespace easel
