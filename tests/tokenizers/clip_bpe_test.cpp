#include "tokenizers/clip_bpe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "core/error.h"
#include "core/utf8.h"
#include "support/errors.h"
#include "support/fixture_folder.h"
#include "support/temporary_folder.h"
#include "tokenizers/clip_text.h"
#include "tokenizers/vocabulary_file.h"

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

const ClipBpe& open_clip() {
  static const ClipBpe tokenizer = ClipBpe::from_file(vocabulary_file(), kOpenClip);
  return tokenizer;
}

std::string cleaned(std::string_view text) { return to_utf8(clip_clean(text)); }

TEST(ClipBpe, PadsAsTheModelWasTrained) {
  EXPECT_THAT(openai().encode("cat", {.length = 5}).ids,
              ElementsAre(49406, 2368, 49407, 49407, 49407));
  EXPECT_THAT(open_clip().encode("cat", {.length = 5}).ids, ElementsAre(49406, 2368, 49407, 0, 0));
  EXPECT_THAT(openai().encode("a photo of a cat", {.length = 4}).ids,
              ElementsAre(49406, 320, 1125, 49407));
  EXPECT_EQ(openai().size(), 49408);
  EXPECT_EQ(openai().comma(), 267);
}

TEST(ClipBpe, ReadsAFolderOfHuggingFace) {
  const auto folder = testing::fixture_file("sd1-tiny-hf/tokenizer");
  EASEL_NEEDS_SHARED(folder);
  const auto tokenizer = ClipBpe::from_folder(folder);
  EXPECT_EQ(tokenizer.size(), openai().size());
  EXPECT_EQ(tokenizer.pad(), tokenizer.end());
  for (const std::string text : {"a photo of a cat", "It's 12 o'clock, 北京!", ""}) {
    EXPECT_EQ(tokenizer.encode(text, {}).ids, openai().encode(text, {}).ids);
  }
}

TEST(ClipBpe, PadsAsTheFolderSays) {
  const auto original = testing::fixture_file("sd1-tiny-hf/tokenizer");
  EASEL_NEEDS_SHARED(original);
  const testing::TemporaryFolder folder;
  for (const char* name : {"vocab.json", "merges.txt"})
    std::filesystem::copy_file(original / name, folder.path() / name);
  std::ofstream(folder.path() / "special_tokens_map.json")
      << R"({"pad_token": {"content": "!"}, "eos_token": "<|endoftext|>"})";
  EXPECT_EQ(ClipBpe::from_folder(folder.path()).pad(), 0);
}

std::string small_vocabulary() { return "#version\nc a\nca t</w>\nt h\nth e</w>\n"; }

TEST(ClipBpe, MergesTheSurestPairsFirst) {
  const ClipBpe tokenizer(small_vocabulary(), "merges.txt", kOpenAi);
  EXPECT_EQ(tokenizer.size(), 512 + 4 + 2);
  EXPECT_THAT(tokenizer.pieces("cat"), ElementsAre(513));
  EXPECT_THAT(tokenizer.pieces("The"), ElementsAre(515));
  EXPECT_THAT(tokenizer.pieces("cath").front(), 512);
  // "aa" of five: from the left, each letter once.
  const ClipBpe repeated("#\na a\naa a</w>\n", "merges.txt", kOpenAi);
  EXPECT_THAT(repeated.pieces("aaaaa"), ElementsAre(512, 513));
}

TEST(ClipBpe, NamesTheLineThatIsNoMerge) {
  const auto message = [](const std::string& text) {
    return testing::message_of(ErrorCode::kInvalidFile, [&] { ClipBpe(text, "v.txt", kOpenAi); });
  };
  EXPECT_THAT(message(""), HasSubstr("'v.txt' holds no merges"));
  EXPECT_THAT(message("only a heading\n"), HasSubstr("holds no merges"));
  EXPECT_THAT(message("#\na b\n[unused0]\n"), HasSubstr("line 3 of the vocabulary 'v.txt'"));
  EXPECT_THAT(message("#\na b c\n"), HasSubstr("not two symbols"));
  EXPECT_THAT(message("#\na \n"), HasSubstr("not two symbols"));
  EXPECT_THAT(message("#\na xyz\n"), HasSubstr("'xyz', which is no token"));
  EXPECT_THAT(message("#\n\xff \xfe\n"), HasSubstr("which is no token"));
}

TEST(ClipBpe, SaysWhatIsWrongWithItsFiles) {
  const testing::TemporaryFolder folder;
  const auto file = folder.path() / "v.txt.gz";
  const auto message = [&](ErrorCode code = ErrorCode::kInvalidFile) {
    return testing::message_of(code, [&] { ClipBpe::from_file(file, kOpenAi); });
  };
  EXPECT_THAT(message(ErrorCode::kNotFound), HasSubstr("could not open the vocabulary"));
  std::string bytes = testing::read_text(vocabulary_file());
  std::ofstream(file, std::ios::binary) << bytes.substr(0, bytes.size() / 2);
  EXPECT_THAT(message(), HasSubstr("cannot be unpacked"));
  bytes[bytes.size() / 3] = static_cast<char>(bytes[bytes.size() / 3] ^ 0x5a);
  std::ofstream(file, std::ios::binary) << bytes;
  EXPECT_THAT(message(), HasSubstr("'" + file.string() + "'"));
  EXPECT_THAT(
      testing::message_of(ErrorCode::kIo, [&] { ClipBpe::from_file(folder.path(), kOpenAi); }),
      HasSubstr("it is a folder"));
}

TEST(ClipBpe, SaysWhatIsWrongWithAFolder) {
  const testing::TemporaryFolder folder;
  const auto write = [&](const char* name, const std::string& text) {
    std::ofstream(folder.path() / name) << text;
  };
  const auto message = [&](ErrorCode code = ErrorCode::kInvalidFile) {
    return testing::message_of(code, [&] { ClipBpe::from_folder(folder.path()); });
  };
  EXPECT_THAT(message(ErrorCode::kNotFound), HasSubstr("vocab.json"));
  write("vocab.json", "[1, 2]");
  write("merges.txt", small_vocabulary());
  EXPECT_THAT(message(), HasSubstr("not a JSON object"));
  write("vocab.json", R"({"a": -1})");
  EXPECT_THAT(message(), HasSubstr("the id -1"));
  write("vocab.json", R"({"a": 1})");
  EXPECT_THAT(message(), HasSubstr("no token for the byte 33"));
}

TEST(ClipText, CleansAsOpenAisCode) {
  EXPECT_EQ(cleaned("  A \t\n B  "), "a b");
  EXPECT_EQ(cleaned("\u039F\u0394\u039F\u03A3 \u0130"), "\u03BF\u03B4\u03BF\u03C2 i\u0307");
  EXPECT_EQ(cleaned("&amp;amp; &eacute; &NTILDE; &#x41; &notit; &ampx"),
            "& \u00e9 \u00f1 a \u00acit; &x");
  EXPECT_EQ(cleaned("<b> &lt; &amp;lt; &NTILDE;"), "<b> < < &ntilde;");
  EXPECT_EQ(cleaned("\u201cx\u201d \ufb01 \uff21 \u2019s"), "\"x\" fi a 's");
  EXPECT_EQ(cleaned("a\x1b[31mb\x07\x7f\ufeff"), "ab");
  EXPECT_EQ(cleaned("e\u0301 \u0085x"), "\u00e9 \u2026x");
  EXPECT_EQ(cleaned("sch\u00c3\u00b6n"), "sch\u00e3\u00b6n");  // the encoding is not guessed
}

TEST(ClipText, TakesMuchOfAnything) {
  const std::size_t size = std::size_t{1} << 18;
  std::string nested = "&";
  while (nested.size() < size) nested += "amp;";
  std::string marks = "e";
  while (marks.size() < size) marks += "\u0301\u0323";
  for (const std::string& text :
       {nested, marks, std::string(size, 'a'), std::string(size, '&'), std::string(size, '\'')}) {
    EXPECT_FALSE(openai().pieces(text).empty());
  }
}

}  // namespace
}  // namespace easel
