#include "prompt/chunks.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/error.h"
#include "core/printable.h"

namespace easel {
namespace {

constexpr std::size_t kRoom = kChunkTokens;
constexpr std::size_t kMostChunks = 1024;

class Chunker {
 public:
  Chunker(const ClipBpe& tokenizer, const EmbeddingNames& embeddings, const ChunkRules& rules)
      : tokenizer_(tokenizer), names_(embeddings), rules_(rules) {}

  ChunkedPrompt chunk(const std::vector<WeightedText>& pieces) {
    for (const WeightedText& piece : pieces) {
      if (is_break(piece)) {
        if (!rules_.single) finish(kChunkTokens);
      } else {
        add(tokenizer_.pieces(piece.text), static_cast<float>(piece.weight));
      }
    }
    if (!ids_.empty() || out_.chunks.empty()) finish(static_cast<int>(ids_.size()));
    return std::move(out_);
  }

 private:
  void add(const std::vector<std::int32_t>& tokens, float weight) {
    for (std::size_t at = 0; at < tokens.size();) {
      const auto [name, length] = names_.find(tokens, at);
      const std::size_t needed = name == nullptr ? 1 : static_cast<std::size_t>(name->vectors);
      if (rules_.single && (ids_.size() + needed > kRoom || !out_.chunks.empty())) {
        out_.dropped += static_cast<int>(tokens.size() - at);
        return;
      }
      if (tokens[at] == tokenizer_.comma()) {
        comma_ = ids_.size();
      } else if (ids_.size() == kRoom && comma_is_near()) {
        finish_after_comma();
      }
      if (ids_.size() == kRoom) finish(kChunkTokens);
      if (name == nullptr) {
        append(tokens[at++], 1, weight);
        continue;
      }
      if (ids_.size() + needed > kRoom) finish(kChunkTokens);
      places_.push_back({static_cast<int>(ids_.size()), name->name, name->vectors});
      append(0, needed, weight);
      at += length;
    }
  }

  bool comma_is_near() const {
    return comma_ && kRoom - *comma_ <= static_cast<std::size_t>(rules_.comma_backtrack);
  }

  // What follows the last comma moves to the next chunk; an embedding there keeps its place in the
  // old one: A1111's oversight, and part of its pictures.
  void finish_after_comma() {
    const auto first = static_cast<std::ptrdiff_t>(*comma_) + 1;
    std::vector<std::int32_t> ids(ids_.begin() + first, ids_.end());
    std::vector<float> weights(weights_.begin() + first, weights_.end());
    ids_.resize(*comma_ + 1);
    weights_.resize(*comma_ + 1);
    finish(kChunkTokens);
    ids_ = std::move(ids);
    weights_ = std::move(weights);
  }

  void append(std::int32_t id, std::size_t count, float weight) {
    ids_.insert(ids_.end(), count, id);
    weights_.insert(weights_.end(), count, weight);
  }

  void finish(int counted) {
    if (out_.chunks.size() == kMostChunks) {
      fail(ErrorCode::kUsage, "the prompt fills more than {} chunks of {} tokens", kMostChunks,
           kChunkTokens);
    }
    PromptChunk chunk;
    chunk.ids.fill(tokenizer_.end());
    chunk.weights.fill(1);
    chunk.ids[0] = tokenizer_.start();
    std::ranges::copy(ids_, chunk.ids.begin() + 1);
    std::ranges::copy(weights_, chunk.weights.begin() + 1);
    chunk.embeddings = std::exchange(places_, {});
    // The first end, which may stand in the prompt, is the last that such models read.
    const auto end = std::ranges::find(chunk.ids, tokenizer_.end());
    std::fill(end + 1, chunk.ids.end(), tokenizer_.pad());
    out_.chunks.push_back(std::move(chunk));
    out_.tokens += counted;
    ids_.clear();
    weights_.clear();
    comma_.reset();
  }

  const ClipBpe& tokenizer_;
  const EmbeddingNames& names_;
  const ChunkRules& rules_;
  ChunkedPrompt out_;
  std::vector<std::int32_t> ids_;  // of the chunk that is being filled
  std::vector<float> weights_;
  std::vector<EmbeddingPlace> places_;
  std::optional<std::size_t> comma_;  // its last one
};

}  // namespace

EmbeddingNames::EmbeddingNames(const std::vector<Name>& names, const ClipBpe& tokenizer) {
  for (const Name& name : names) {
    if (name.vectors < 1 || name.vectors > kChunkTokens) {
      fail(ErrorCode::kUsage, "the embedding '{}' has {} vectors, 1 to {} fit into a prompt",
           printable(name.name), name.vectors, kChunkTokens);
    }
    auto ids = tokenizer.pieces(name.name);
    if (ids.empty()) {
      fail(ErrorCode::kUsage, "the name '{}' of an embedding has nothing that a prompt could say",
           printable(name.name));
    }
    by_first_[ids[0]].push_back({name, ids});
  }
  for (auto& [first, spelled] : by_first_) {
    std::ranges::stable_sort(spelled, std::greater<>(),
                             [](const Spelled& s) { return s.ids.size(); });
  }
}

EmbeddingNames::Match EmbeddingNames::find(const std::vector<std::int32_t>& tokens,
                                           std::size_t at) const {
  const auto found = by_first_.find(tokens[at]);
  if (found == by_first_.end()) return {};
  for (const Spelled& spelled : found->second) {
    const std::size_t length = spelled.ids.size();
    if (length <= tokens.size() - at &&
        std::equal(spelled.ids.begin(), spelled.ids.end(),
                   tokens.begin() + static_cast<std::ptrdiff_t>(at))) {
      return {&spelled.name, length};
    }
  }
  return {};
}

ChunkedPrompt chunk_prompt(const std::vector<WeightedText>& pieces, const ClipBpe& tokenizer,
                           const EmbeddingNames& embeddings, const ChunkRules& rules) {
  return Chunker(tokenizer, embeddings, rules).chunk(pieces);
}

}  // namespace easel
