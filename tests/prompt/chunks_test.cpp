#include "prompt/chunks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "prompt/prompt.h"
#include "support/errors.h"
#include "support/fixture_folder.h"

namespace easel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Ids = std::vector<std::int32_t>;

std::filesystem::path vocabulary_file() {
  return std::filesystem::path(EASEL_SOURCE_DIR) / "models/clip/bpe_simple_vocab_16e6.txt.gz";
}

const ClipBpe& openai() {
  static const ClipBpe tokenizer = ClipBpe::from_file(vocabulary_file(), kOpenAi);
  return tokenizer;
}

ChunkedPrompt chunked(std::string_view text, const EmbeddingNames& names = {},
                      const TextRules& rules = {}) {
  return chunk_text(text, openai(), names, rules);
}

void expect_chunks(const ChunkedPrompt& prompt, const Json& entry) {
  EXPECT_EQ(prompt.tokens, entry["token_count"].get<int>());
  if (entry.contains("target")) {
    EXPECT_EQ(prompt.limit(), entry["target"].get<int>());
  }
  ASSERT_EQ(prompt.chunks.size(), entry["chunks"].size());
  for (std::size_t i = 0; i < prompt.chunks.size(); ++i) {
    const PromptChunk& chunk = prompt.chunks[i];
    const Json& wanted = entry["chunks"][i];
    EXPECT_EQ(Ids(chunk.ids.begin(), chunk.ids.end()), wanted["tokens"].get<Ids>());
    EXPECT_EQ(std::vector<float>(chunk.weights.begin(), chunk.weights.end()),
              wanted["multipliers"].get<std::vector<float>>());
    const Json* fixes = wanted.find("fixes");
    ASSERT_EQ(chunk.embeddings.size(), fixes == nullptr ? 0 : fixes->size());
    for (std::size_t k = 0; k < chunk.embeddings.size(); ++k) {
      EXPECT_EQ(chunk.embeddings[k].offset, (*fixes)[k][0].get<int>());
      EXPECT_EQ(chunk.embeddings[k].name, (*fixes)[k][1].get<std::string>());
    }
  }
}

TEST(Chunks, AreAutomatic1111s) {
  const auto file = testing::fixture_file("a1111-prompts/prompts.json");
  EASEL_NEEDS_SHARED(file);
  const Json cases = Json::parse(testing::read_text(file))["chunks"];
  ASSERT_GT(cases.size(), 0u);
  for (const auto& entry : cases) {
    const auto prompt = entry["prompt"].get<std::string>();
    SCOPED_TRACE(prompt);
    expect_chunks(chunked(prompt), entry);
  }
}

TEST(Chunks, PlaceEmbeddingsAsAutomatic1111) {
  const auto file = testing::fixture_file("lora-tiny/inversion.json");
  EASEL_NEEDS_SHARED(file);
  const EmbeddingNames names({{"style-pt", 2}, {"cat-toy", 1}, {"easyneg", 3}}, openai());
  const Json cases = Json::parse(testing::read_text(file));
  ASSERT_GT(cases.size(), 0u);
  for (const auto& entry : cases) {
    const auto text = entry["text"].get<std::string>();
    SCOPED_TRACE(text);
    expect_chunks(chunked(text, names), entry);
  }
}

std::string times(int count, const std::string& word) {
  std::string text;
  for (int i = 0; i < count; ++i) text += word;
  return text;
}

TEST(Chunks, NeverDivideAnEmbedding) {
  const EmbeddingNames names({{"style", 3}, {"style pt", 4}}, openai());
  const auto prompt = chunked(times(73, "cat ") + "style", names);
  ASSERT_EQ(prompt.chunks.size(), 2u);
  EXPECT_TRUE(prompt.chunks[0].embeddings.empty());
  EXPECT_THAT(prompt.chunks[1].embeddings, ElementsAre(EmbeddingPlace{0, "style", 3}));
  EXPECT_EQ(prompt.tokens, 78);
  EXPECT_THAT(chunked("style pt", names).chunks[0].embeddings,
              ElementsAre(EmbeddingPlace{0, "style pt", 4}));
}

TEST(Chunks, MoveOnlyWhatFollowsANearComma) {
  const std::string text = times(60, "cat ") + "," + times(30, "dog ");
  EXPECT_EQ(chunked(text).chunks[1].ids[15], 1929);
  EXPECT_EQ(chunked(text).tokens, 75 + 30);
  EXPECT_EQ(chunked(text, {}, {.comma_backtrack = 10}).tokens, 91);
  EXPECT_EQ(chunked(text, {}, {.comma_backtrack = 0}).tokens, 91);
}

TEST(Chunks, PadAsTheModelWasTrained) {
  const auto open_clip = ClipBpe::from_file(vocabulary_file(), kOpenClip);
  const auto prompt = chunk_text("a <end_of_text> (cat:1.5)", open_clip, {}, {});
  const auto& chunk = prompt.chunks[0];
  EXPECT_THAT(Ids(chunk.ids.begin(), chunk.ids.begin() + 5), ElementsAre(49406, 320, 49407, 0, 0));
  EXPECT_EQ(chunk.ids.back(), 0);
  EXPECT_EQ(chunk.weights[3], 1.5f);
}

TEST(Chunks, OfPlainSyntaxAreOne) {
  const auto prompt =
      chunked("(a:2) BREAK " + times(100, "cat "), {}, {.syntax = PromptSyntax::kPlain});
  ASSERT_EQ(prompt.chunks.size(), 1u);
  EXPECT_EQ(prompt.tokens, 75);
  EXPECT_EQ(prompt.dropped, 106 - 75);
  EXPECT_EQ(prompt.chunks[0].ids[1], 263);  // "(" is text
  EXPECT_THAT(prompt.chunks[0].weights, ::testing::Each(1.0f));
}

TEST(Chunks, WithoutEmphasisReadBracketsAsText) {
  const auto prompt = chunked("(cat:2)", {}, {.emphasis = Emphasis::kNone});
  EXPECT_EQ(prompt.tokens, 5);
  EXPECT_EQ(chunked("(cat:2)", {}, {.emphasis = Emphasis::kIgnore}).tokens, 1);
}

TEST(Chunks, SayWhatCannotBe) {
  EXPECT_THAT(testing::message_of(ErrorCode::kUsage, [] { chunked(times(1100, "BREAK ")); }),
              HasSubstr("more than 1024 chunks"));
  EXPECT_THAT(testing::message_of(ErrorCode::kUsage,
                                  [] {
                                    EmbeddingNames({{"x", 76}}, openai());
                                  }),
              HasSubstr("'x' has 76 vectors"));
  EXPECT_THAT(testing::message_of(ErrorCode::kUsage,
                                  [] {
                                    EmbeddingNames({{" ", 1}}, openai());
                                  }),
              HasSubstr("nothing that a prompt could say"));
}

}  // namespace
}  // namespace easel
