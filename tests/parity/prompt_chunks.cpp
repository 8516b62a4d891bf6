#include "prompt_chunks.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace easel::parity {
namespace {

void compare_chunk(const PromptChunk& chunk, const Json& wanted) {
  EXPECT_EQ(std::vector<std::int32_t>(chunk.ids.begin(), chunk.ids.end()),
            wanted["tokens"].get<std::vector<std::int32_t>>());
  EXPECT_EQ(std::vector<float>(chunk.weights.begin(), chunk.weights.end()),
            wanted["multipliers"].get<std::vector<float>>());
  const Json* fixes = wanted.find("fixes");
  ASSERT_EQ(chunk.embeddings.size(), fixes == nullptr ? 0 : fixes->size());
  for (std::size_t i = 0; i < chunk.embeddings.size(); ++i) {
    EXPECT_EQ(chunk.embeddings[i].offset, (*fixes)[i][0].get<int>());
    EXPECT_EQ(chunk.embeddings[i].name, (*fixes)[i][1].get<std::string>());
  }
}

}  // namespace

const ClipBpe& openai_tokenizer() {
  static const ClipBpe tokenizer = ClipBpe::from_file(
      std::filesystem::path(EASEL_SOURCE_DIR) / "models/clip/bpe_simple_vocab_16e6.txt.gz",
      kOpenAi);
  return tokenizer;
}

void compare_chunks(const ChunkedPrompt& prompt, const Json& entry) {
  EXPECT_EQ(prompt.tokens, entry["token_count"].get<int>());
  if (entry.contains("target")) {
    EXPECT_EQ(prompt.limit(), entry["target"].get<int>());
  }
  ASSERT_EQ(prompt.chunks.size(), entry["chunks"].size());
  for (std::size_t i = 0; i < prompt.chunks.size(); ++i) {
    compare_chunk(prompt.chunks[i], entry["chunks"][i]);
  }
}

}  // namespace easel::parity
