#include "tokenizers/known_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"

namespace easel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

// As WordPiece has it: pieces of words, letters and signs among the words.
constexpr const char* kVocabulary =
    "[PAD]\n[UNK]\na\nb\n,\n##"
    "a\ndog\ncat\nfox\nbear\nhouse\nplane\nguitar\nbanana\nof\ncake\nslice\n";
constexpr const char* kTable =
    "# a word, what it is drawn as\n"
    "a\ta\ten\n"
    "is\t\ten\n"
    "dachshund\tdog\ten\n"
    "polar bear\tbear\ten\n"
    "teddy bear\tbear\ten\n"
    "cat house\tbanana\ten\n"
    "piece of cake\tslice of cake\ten\n"
    "Bär\tbear\tde\n"
    "狗\tdog\tzh\n"
    "dachshund\tcat\ten\n";

KnownWords known() { return {kVocabulary, kTable, "words.tsv"}; }
std::string read(std::string_view text) { return known().read(text).text; }

TEST(KnownWords, WhatIsKnownStaysToTheByte) {
  const auto reading = known().read("A  Dog,a CAT of  Cake!");
  EXPECT_EQ(reading.text, "A  Dog,a CAT of  Cake!");
  EXPECT_THAT(reading.taken_for, IsEmpty());
  EXPECT_THAT(reading.left_out, IsEmpty());
}

TEST(KnownWords, TheTableLeadsToKnownWordsAndItsFirstLineCounts) {
  const auto reading = known().read("a dachshund, a cat");
  EXPECT_EQ(reading.text, "a dog , a cat");
  EXPECT_THAT(reading.taken_for, ElementsAre(Pair("dachshund", "dog")));
}

TEST(KnownWords, ThePhraseIsReadBeforeItsWords) {
  EXPECT_EQ(read("a polar bear"), "a bear");
  EXPECT_EQ(read("a piece of cake"), "a slice of cake");
  EXPECT_EQ(read("polar"), "");
}

TEST(KnownWords, APhraseOfKnownWordsMeansWhatItSays) { EXPECT_EQ(read("cat house"), "cat house"); }

TEST(KnownWords, OtherLanguagesAreReadWithTheirSigns) {
  EXPECT_EQ(read("ein Bär"), "bear");
  EXPECT_EQ(read("狗, a cat"), "dog , a cat");
}

TEST(KnownWords, PluralsLeadToTheSingular) {
  EXPECT_EQ(read("dogs"), "dog");
  EXPECT_EQ(read("foxes"), "fox");
  EXPECT_EQ(read("dachshunds"), "dog");
}

TEST(KnownWords, OneMistakeInALongWordIsForgiven) {
  EXPECT_EQ(read("gutiar"), "guitar");
  EXPECT_EQ(read("banaana"), "banana");
  EXPECT_EQ(read("dachshnd"), "dog");
}

TEST(KnownWords, OtherWordsAreNoMistakes) {
  const auto reading = known().read("mouse planet coat mouse");
  EXPECT_EQ(reading.text, "");
  EXPECT_THAT(reading.left_out, ElementsAre("mouse", "planet", "coat"));
}

TEST(KnownWords, LettersAndPiecesAreNoWords) {
  EXPECT_THAT(known().read("b 7 dog").left_out, ElementsAre("b", "7"));
}

TEST(KnownWords, WhatSaysNothingGoesUnsaid) {
  const auto reading = known().read("the cat is a dog");
  EXPECT_EQ(reading.text, "cat a dog");
  EXPECT_THAT(reading.left_out, ElementsAre("the"));
  EXPECT_THAT(reading.taken_for, IsEmpty());
}

TEST(KnownWords, TheNotesNameEachWord) {
  const auto notes = notes_of(known().read("a dachshund beside a castle and a moat"), "prompt");
  EXPECT_THAT(
      notes, ElementsAre("of the prompt is drawn: 'dachshund' as 'dog'",
                         "the model does not know 'beside', 'castle', 'and', 'moat': the prompt is "
                         "drawn without them"));
  EXPECT_THAT(notes_of(known().read("a cat"), "prompt"), IsEmpty());
}

TEST(KnownWords, ANoteStaysShortAndCannotSteerATerminal) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "zz" + std::to_string(i) + "\x1b[31m ";
  const auto notes = notes_of(known().read(text), "prompt");
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_LT(notes[0].size(), 500u);
  EXPECT_THAT(notes[0], HasSubstr("more"));
  EXPECT_EQ(notes[0].find('\x1b'), std::string::npos);
}

TEST(KnownWords, ATableThatIsNoneIsRefused) {
  try {
    KnownWords(kVocabulary, "dog cat\n", "words.tsv");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidFile);
    EXPECT_THAT(error.what(), HasSubstr("'dog cat' of 'words.tsv' has no tab"));
  }
  EXPECT_THROW(KnownWords(kVocabulary, std::string((8 << 20) + 1, '\n'), "words.tsv"), Error);
  EXPECT_THROW(KnownWords::from_files("/nowhere/vocab.txt", "/nowhere/words.tsv"), Error);
}

}  // namespace
}  // namespace easel
