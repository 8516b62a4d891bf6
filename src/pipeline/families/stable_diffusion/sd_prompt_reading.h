#pragma once

#include <string>
#include <vector>

#include "pipeline/parts/prompt_encoder.h"
#include "prompt/chunks.h"
#include "prompt/networks.h"

namespace easel {

/// Texts that are encoded together, because their weights are evened out together: what a part of a
/// prompt is at each of its times.
struct TextBatch {
  std::vector<ChunkedPrompt> texts;  ///< of equal numbers of chunks
  std::string key;                   ///< the same for what reads alike
};

/// One of the parts that a prompt guides towards.
struct EncodedPart {
  TextBatch batch;
  std::vector<int> last_steps;  ///< of each text of the batch
  float weight = 1;

  /// The text of the batch that is told at a step, from 0.
  std::size_t text_at(int step) const;
};

/// A prompt in chunks: parts, each of which may change on the way.
struct ChunkedParts {
  std::vector<EncodedPart> parts;
  std::vector<PromptNetwork> networks;  ///< asked for in the text
  int tokens = 0;                       ///< of the longest text
  int limit = 0;                        ///< what they may be in as many chunks
  int dropped = 0;
};

/// What texts are read with; all outlive the reading.
struct ReadingTools {
  const ClipBpe& tokenizer;
  const EmbeddingNames& embeddings;
};

/// Reads a prompt. Throws kUsage for what cannot be read (brackets too deep, too many chunks).
ChunkedParts chunk_parts(const std::string& text, bool negative, const Prompts& run,
                         const ReadingTools& tools);

}  // namespace easel
