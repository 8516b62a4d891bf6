#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "prompt/attention.h"
#include "tokenizers/clip_bpe.h"

namespace easel {

/// Ids that a text encoder of CLIP reads at once, and the tokens of a prompt among them.
inline constexpr int kChunkIds = 77;
inline constexpr int kChunkTokens = 75;

/// Where an embedding's vectors replace those of tokens.
struct EmbeddingPlace {
  int offset = 0;  ///< tokens before it in its chunk, without the start
  std::string name;
  int vectors = 0;
  friend bool operator==(const EmbeddingPlace&, const EmbeddingPlace&) = default;
};

/// What the text encoder reads at once, and how much each row of what it makes counts.
struct PromptChunk {
  std::array<std::int32_t, kChunkIds> ids{};
  std::array<float, kChunkIds> weights{};
  std::vector<EmbeddingPlace> embeddings = {};
};

struct ChunkedPrompt {
  std::vector<PromptChunk> chunks;  ///< never empty
  int tokens = 0;                   ///< counted as A1111 does: a chunk that is followed counts 75
  int dropped = 0;                  ///< tokens that ChunkRules::single left out
  /// What `tokens` may be without another chunk: 75, 150, ...
  int limit() const { return kChunkTokens * static_cast<int>(chunks.size()); }
};

/// Names of embeddings as a tokenizer reads them. Immutable and thread-safe.
class EmbeddingNames {
 public:
  struct Name {
    std::string name;
    int vectors = 1;  ///< at most 75, at least 1
  };
  EmbeddingNames() = default;
  /// Throws kUsage for an embedding of more vectors than a chunk has tokens, and for a name without
  /// tokens.
  EmbeddingNames(const std::vector<Name>& names, const ClipBpe& tokenizer);

  /// The longest name that the tokens from `at` on spell, or null; `length`: its tokens.
  struct Match {
    const Name* name = nullptr;
    std::size_t length = 0;
  };
  Match find(const std::vector<std::int32_t>& tokens, std::size_t at) const;

 private:
  struct Spelled {
    Name name;
    std::vector<std::int32_t> ids;
  };
  std::map<std::int32_t, std::vector<Spelled>> by_first_;  // the longest first
};

struct ChunkRules {
  int comma_backtrack =
      20;               ///< tokens that may move to the next chunk with their comma before; 0: none
  bool single = false;  ///< one chunk: what does not fit is dropped
};

/// Lays a prompt's pieces into chunks of 75 tokens as AUTOMATIC1111 does: BREAK ends a chunk, a
/// full one ends after its last comma where that is near, embeddings are never divided. Throws
/// kUsage for a prompt of more than 1,024 chunks.
ChunkedPrompt chunk_prompt(const std::vector<WeightedText>& pieces, const ClipBpe& tokenizer,
                           const EmbeddingNames& embeddings, const ChunkRules& rules);

}  // namespace easel
