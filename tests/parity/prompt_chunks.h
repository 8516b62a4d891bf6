#pragma once

#include "core/json.h"
#include "prompt/prompt.h"

namespace easel::parity {

/// The vocabulary that ships, as OpenAI's models are told texts.
const ClipBpe& openai_tokenizer();

/// Ids, weights and places of embeddings of each chunk: {"token_count", "target", "chunks":
/// [{"tokens", "multipliers", "fixes"}]}. Uses GoogleTest's assertions.
void compare_chunks(const ChunkedPrompt& prompt, const Json& entry);

}  // namespace easel::parity
