#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cli/output_path.h"
#include "cli/verbatim.h"
#include "core/edit_distance.h"
#include "core/shell.h"
#include "core/units.h"
#include "core/utf8.h"

namespace easel::cli {
namespace {

TEST(ShellQuoted, LeavesPlainWordsAlone) {
  EXPECT_EQ(shell_quoted("./build/easel"), "./build/easel");
  EXPECT_EQ(shell_quoted("7.5"), "7.5");
}

TEST(ShellQuoted, PrefersDoubleQuotes) {
  EXPECT_EQ(shell_quoted("it's a cat"), "\"it's a cat\"");
  EXPECT_EQ(shell_quoted(""), "\"\"");
}

TEST(ShellQuoted, LetsNothingExpand) {
  EXPECT_EQ(shell_quoted("$HOME"), "'$HOME'");
  EXPECT_EQ(shell_quoted("a `b` \\ \"c\""), "'a `b` \\ \"c\"'");
  EXPECT_EQ(shell_quoted("it's $5"), "'it'\\''s $5'");
  EXPECT_EQ(shell_quoted("wow!"), "'wow!'");
  EXPECT_EQ(shell_quoted("~"), "\"~\"");
}

TEST(ShellQuoted, KeepsControlCharactersOffTheTerminal) {
  EXPECT_EQ(shell_quoted("a\x1b]0;b\n"), "$'a\\033]0;b\\012'");
  EXPECT_EQ(shell_quoted("\x7f'\\"), "$'\\177\\'\\\\'");
}

TEST(Nearest, FindsSlipsOfTheFingers) {
  const std::vector<std::string> names = {"draw", "txt2img", "inspect", "--steps", "--seed"};
  EXPECT_EQ(nearest("drow", names), "draw");
  EXPECT_EQ(nearest("inpsect", names), "inspect");
  EXPECT_EQ(nearest("--stpes", names), "--steps");
  EXPECT_EQ(nearest("txt2image", names), "txt2img");
}

TEST(Nearest, DoesNotGuessWildly) {
  const std::vector<std::string> names = {"draw", "inspect"};
  EXPECT_EQ(nearest("xyzzy", names), "");
  EXPECT_EQ(nearest("", names), "");
  EXPECT_EQ(nearest(std::string(10'000, 'a'), names), "");
}

TEST(WordsForFileName, JoinsTheWords) {
  EXPECT_EQ(words_for_file_name("A cat, wearing sunglasses!"), "a-cat-wearing-sunglasses");
  EXPECT_EQ(words_for_file_name("a children's drawing"), "a-childrens-drawing");
}

TEST(WordsForFileName, NeverLeavesTheFolder) {
  EXPECT_EQ(words_for_file_name("../../etc/passwd"), "etc-passwd");
  EXPECT_EQ(words_for_file_name("..."), "picture");
  EXPECT_EQ(words_for_file_name(std::string("a\0b", 3)), "a-b");
}

TEST(WordsForFileName, KeepsLettersButNoInvisibleOnes) {
  EXPECT_EQ(words_for_file_name("Käse 東京"), "käse-東京");
  EXPECT_EQ(words_for_file_name("a\u202egnp.exe"), "a-gnp-exe");
  EXPECT_EQ(words_for_file_name("\xff\xfe"), "picture");
}

TEST(WordsForFileName, IsShort) {
  EXPECT_LE(words_for_file_name(std::string(1000, 'x')).size(), 60u);
  const std::string wide =
      words_for_file_name("ab" + std::string("東京東京東京東京東京東京東京東京東京東京東京"));
  EXPECT_LE(wide.size(), 60u);
  EXPECT_TRUE(is_utf8(wide));  // not cut within a letter
}

TEST(Units, AreForReading) {
  EXPECT_EQ(human_bytes(834), "834 bytes");
  EXPECT_EQ(human_bytes(26'365'054), "26.4 MB");
  EXPECT_EQ(human_bytes(999'999), "1.00 MB");
  EXPECT_EQ(human_bytes(5'700'000'000), "5.70 GB");
  EXPECT_EQ(with_commas(1'450'000'000), "1,450,000,000");
  EXPECT_EQ(with_commas(-1234), "-1,234");
  EXPECT_EQ(with_commas(999), "999");
  EXPECT_EQ(human_seconds(0.04), "0.0 s");
  EXPECT_EQ(human_seconds(75.4), "75 s");
  EXPECT_EQ(human_seconds(185), "3 min 5 s");
  EXPECT_EQ(human_seconds(7800), "2 h 10 min");
  EXPECT_EQ(shortest(7.5), "7.5");
  EXPECT_EQ(shortest(0.1), "0.1");
}

TEST(Verbatim, ListsAreOnlyMarked) {
  EXPECT_NE(marked_verbatim("[a, b]"), "[a, b]");
  EXPECT_EQ(without_marks({marked_verbatim("[a, b]"), marked_verbatim("c")}),
            (std::vector<std::string>{"[a, b]", "c"}));
}

}  // namespace
}  // namespace easel::cli
