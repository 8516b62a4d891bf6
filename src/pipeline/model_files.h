#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "pipeline/text_to_image.h"
#include "tokenizers/wordpiece.h"

namespace easel {

/// The configuration of a model: the one named, else `config.yaml` beside the checkpoint or the
/// checkpoint's name with .yaml; nothing when there is none. Throws kNotFound when the one named is
/// not there.
std::optional<std::filesystem::path> find_config(const ModelLocation& location);

/// The vocabulary of `size` tokens: the one named, else beside the checkpoint (vocab.txt or
/// tokenizer/vocab.txt), else in an installed model. Throws kNotFound with what fetches it,
/// kWrongModel when the one named or beside the checkpoint has another size.
WordPiece find_vocabulary(const ModelLocation& location, std::int64_t size);

}  // namespace easel
