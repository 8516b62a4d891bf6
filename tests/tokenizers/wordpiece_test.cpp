#include "tokenizers/wordpiece.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "core/utf8.h"
#include "support/fixture_file.h"
#include "tokenizers/unicode_text.h"

namespace easel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kSmall =
    "[PAD]\n[UNK]\n[CLS]\n[SEP]\na\nvan\ngo\n##gh\ncat\n##s\n,\n'\n\xE5\x8C\x97\n";

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (const auto& word : bert_words(text)) words.push_back(to_utf8(word));
  return words;
}

void expect_error(const std::string& vocabulary, const std::string& part) {
  try {
    const WordPiece tokenizer(vocabulary, "words.txt");
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidFile);
    EXPECT_THAT(error.what(), HasSubstr(part));
    EXPECT_THAT(error.what(), HasSubstr("words.txt"));
  }
}

TEST(WordPiece, ReadsTheDefaultModelsVocabulary) {
  const auto vocabulary = std::filesystem::path(EASEL_SOURCE_DIR) / "models/default/vocab.txt";
  const std::string text = testing::read_text(vocabulary);
  const auto tokenizer = WordPiece::from_file(vocabulary);
  EXPECT_EQ(tokenizer.size(), std::ranges::count(text, '\n'));
  EXPECT_EQ(tokenizer.pad(), 0);
  EXPECT_EQ(tokenizer.cls(), 2);
  EXPECT_EQ(tokenizer.sep(), 3);
  const auto encoding = tokenizer.encode("a red zebra", {.length = 32});
  EXPECT_EQ(encoding.ids.size(), 32u);
  EXPECT_EQ(encoding.ids[0], 2);
  EXPECT_EQ(encoding.ids[static_cast<std::size_t>(encoding.used) - 1], 3);
  EXPECT_EQ(encoding.ids.back(), 0);
}

TEST(WordPiece, TakesTheLongestPiecesFirst) {
  const WordPiece tokenizer(kSmall, "words.txt");
  EXPECT_THAT(tokenizer.pieces("Van Gogh"), ElementsAre(5, 6, 7));
  EXPECT_THAT(tokenizer.pieces("cats, a cat"), ElementsAre(8, 9, 10, 4, 8));
}

TEST(WordPiece, MakesAWordUnknownAsAWhole) {
  const WordPiece tokenizer(kSmall, "words.txt");
  EXPECT_THAT(tokenizer.pieces("catx a"), ElementsAre(tokenizer.unknown(), 4));
}

TEST(WordPiece, MakesAWordOfMoreThan200CharactersUnknown) {
  const WordPiece tokenizer(std::string(kSmall) + "##a\n", "words.txt");
  EXPECT_EQ(tokenizer.pieces(std::string(200, 'a')).size(), 200u);
  EXPECT_THAT(tokenizer.pieces(std::string(201, 'a')), ElementsAre(tokenizer.unknown()));
}

TEST(WordPiece, CutsAndPadsToTheLength) {
  const WordPiece tokenizer(kSmall, "words.txt");
  const auto cut = tokenizer.encode("a a a cat", {.length = 5});
  EXPECT_THAT(cut.ids, ElementsAre(2, 4, 4, 4, 3));
  EXPECT_EQ(cut.used, 5);
  EXPECT_EQ(cut.dropped, 1);
  const auto padded = tokenizer.encode("a", {.length = 5});
  EXPECT_THAT(padded.ids, ElementsAre(2, 4, 3, 0, 0));
  EXPECT_EQ(padded.used, 3);
  EXPECT_EQ(padded.dropped, 0);
  EXPECT_THAT(tokenizer.encode("a cat", {.length = 2}).ids, ElementsAre(2, 3));
  EXPECT_THAT(tokenizer.encode("", {.length = 3}).ids, ElementsAre(2, 3, 0));
}

TEST(WordPiece, FindsTheSpecialTokensByName) {
  const WordPiece tokenizer("cat\n[SEP]\r\n[UNK]\n[PAD]\n[CLS]", "words.txt");
  EXPECT_EQ(tokenizer.size(), 5);
  EXPECT_THAT(tokenizer.encode("cat", {.length = 4}).ids, ElementsAre(4, 0, 1, 3));
  EXPECT_EQ(tokenizer.token(0), "cat");
}

TEST(WordPiece, NamesTheTokenThatAVocabularyLacks) {
  for (const std::string token : {"[CLS]", "[SEP]", "[PAD]", "[UNK]"}) {
    std::string vocabulary = kSmall;
    vocabulary.replace(vocabulary.find(token), token.size(), "word");
    expect_error(vocabulary, token);
  }
  expect_error("", "[CLS]");
  expect_error(std::string("a\0b\n", 4), "not a vocabulary");
}

TEST(WordPiece, SaysWhatIsWrongWithTheFile) {
  const auto code_of = [](const std::filesystem::path& path) {
    try {
      WordPiece::from_file(path);
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::kCancelled;
  };
  EXPECT_EQ(code_of(testing::data_file("no-such-vocab.txt")), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(testing::data_file("")), ErrorCode::kIo);
}

TEST(BertWords, DropsControlCharactersAndBadUtf8) {
  EXPECT_THAT(words_of("a\x01"
                       "b\xE2\x80\x8B"
                       "c \xEF\xBF\xBD\xFF\xC3"),
              ElementsAre("abc"));
  EXPECT_THAT(words_of("caf\xC3\xA9\xE2\x82"), ElementsAre("cafe"));
  EXPECT_THAT(words_of("x\xED\xA0\x80y"), ElementsAre("xy"));  // a surrogate
  EXPECT_THAT(words_of(std::string_view("a\0b", 3)), ElementsAre("ab"));
}

TEST(BertWords, LowersAsPythonDoes) {
  EXPECT_THAT(words_of("\xC4\xB0STANBUL Stra\xC3\x9F"
                       "e"),
              ElementsAre("istanbul",
                          "stra\xC3\x9F"
                          "e"));
  // Sigma: final in "ΟΔΟΣ", not in "ΣΟΦΙΑ", not alone.
  EXPECT_THAT(words_of("\u039F\u0394\u039F\u03A3 \u03A3\u039F\u03A6\u0399\u0391 \u03A3"),
              ElementsAre("\u03BF\u03B4\u03BF\u03C2", "\u03C3\u03BF\u03C6\u03B9\u03B1", "\u03C3"));
}

TEST(BertWords, SplitsAtEverySpaceAndLineSeparator) {
  EXPECT_THAT(words_of("a\u00a0b\u3000c\u2028d\u2029e\tf\r\ng"),
              ElementsAre("a", "b", "c", "d", "e", "f", "g"));
}

TEST(BertWords, SplitsPunctuationAndChineseCharacters) {
  EXPECT_THAT(words_of("x^2_y\u2026\u5317\u4eac"),
              ElementsAre("x", "^", "2", "_", "y", "\u2026", "\u5317", "\u4eac"));
}

TEST(BertWords, SurvivesEveryPairOfBytes) {
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      const char bytes[] = {static_cast<char>(a), static_cast<char>(b), 'z'};
      const auto words = words_of({bytes, 3});
      ASSERT_FALSE(words.empty()) << a << " " << b;
    }
  }
}

}  // namespace
}  // namespace easel
