#include "prompt/alternatives.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "support/errors.h"

namespace easel {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

constexpr std::uint64_t kSeeds = 400;

using Lines = std::vector<std::string>;

const WildcardList& list_of(std::string_view name) {
  static const std::map<std::string, WildcardList, std::less<>> lists = {
      {"colour", WildcardList(Lines{"red", "{light|dark} blue"})},
      {"things/of_old", WildcardList(Lines{"a __colour__ vase"})},
      {"often", WildcardList(Lines{"9::yes", "no", "0::never"})},
      {"itself", WildcardList(Lines{"x __itself__"})},
      {"two", WildcardList(Lines{"__two__ __two__"})},
      {"weightless", WildcardList(Lines{"0::a"})},
      {"nothing", WildcardList(Lines{})}};
  const auto found = lists.find(name);
  if (found == lists.end()) fail(ErrorCode::kNotFound, "no list '{}'", name);
  return found->second;
}

std::string of(std::string_view text, std::uint64_t seed = 1) {
  return chosen(text, seed, list_of);
}

std::map<std::string, int> counts_of(std::string_view text) {
  std::map<std::string, int> counts;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) ++counts[of(text, seed)];
  return counts;
}

std::set<std::string> all_of(std::string_view text) {
  std::set<std::string> all;
  for (const auto& [prompt, count] : counts_of(text)) all.insert(prompt);
  return all;
}

std::string refusal(std::string_view text, ErrorCode code = ErrorCode::kUsage) {
  return testing::message_of(code, [&] { of(text); });
}

TEST(Alternatives, LeavePlainTextAlone) {
  for (const char* text : {"", "a cat", "(a:1.2) [b|c] | d::e", "a__b", "__ __", "____", "\\(x\\)"})
    EXPECT_EQ(of(text), text);
}

TEST(Alternatives, AreOneOfThem) {
  EXPECT_THAT(all_of("a {red|blue|} car"),
              UnorderedElementsAre("a red car", "a blue car", "a  car"));
  EXPECT_EQ(of("{only}"), "only");
  EXPECT_EQ(of("{}"), "");
}

TEST(Alternatives, AreTheSameForASeed) {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed)
    EXPECT_EQ(of("{a|b|c} {1-2$$d|e|f}", seed), of("{a|b|c} {1-2$$d|e|f}", seed));
}

TEST(Alternatives, CountBothHalvesOfASeed) {
  std::set<std::string> all;
  for (std::uint64_t half = 0; half < 32; ++half) all.insert(of("{a|b}", half << 32));
  EXPECT_EQ(all.size(), 2u);
}

TEST(Alternatives, NestAndAreChosenApart) {
  EXPECT_THAT(all_of("{a {big|small} cat|dog}"),
              UnorderedElementsAre("a big cat", "a small cat", "dog"));
  EXPECT_EQ(all_of("{a|b}{a|b}").size(), 4u);
}

TEST(Alternatives, AreChosenAsTheyWeigh) {
  std::map<std::string, int> counts = counts_of("{3::a|b}");
  // Three quarters, within five standard deviations of so many coins.
  EXPECT_NEAR(counts["a"], 0.75 * kSeeds, 5 * 0.434 * 20);
  EXPECT_THAT(all_of("{0::a|b}"), UnorderedElementsAre("b"));
  EXPECT_THAT(all_of("{std::a|0.5::b}"), UnorderedElementsAre("std::a", "b"));
}

TEST(Alternatives, SeveralAreDifferentOnes) {
  EXPECT_THAT(all_of("{2$$a|b|c}"),
              UnorderedElementsAre("a, b", "b, a", "a, c", "c, a", "b, c", "c, b"));
  EXPECT_THAT(all_of("{1-2$$ and $$a|b}"), UnorderedElementsAre("a", "b", "a and b", "b and a"));
  EXPECT_THAT(all_of("{0-1$$a}"), UnorderedElementsAre("", "a"));
  EXPECT_THAT(all_of("{{2$$a|b}|c}"), UnorderedElementsAre("a, b", "b, a", "c"));
}

TEST(Alternatives, SignsAreEscaped) {
  EXPECT_EQ(of("\\{a\\|b\\}"), "{a|b}");
  EXPECT_EQ(of("\\__colour__"), "__colour__");
  EXPECT_EQ(of("{a\\|b}"), "a|b");
  EXPECT_EQ(of("{a\\}}"), "a}");
}

TEST(Wildcards, AreLinesOfTheirList) {
  EXPECT_THAT(all_of("a __colour__ car"),
              UnorderedElementsAre("a red car", "a light blue car", "a dark blue car"));
  EXPECT_THAT(of("__things/of_old__"),
              AnyOf("a red vase", "a light blue vase", "a dark blue vase"));
  std::map<std::string, int> counts = counts_of("__often__");
  EXPECT_NEAR(counts["yes"], 0.9 * kSeeds, 5 * 0.3 * 20);
  EXPECT_EQ(counts["never"], 0);
}

TEST(Alternatives, AreRefusedInOneClearLine) {
  EXPECT_THAT(refusal("a {b|c"), HasSubstr("the brace of '{b|c' is not closed"));
  EXPECT_THAT(refusal("{a\\}"), HasSubstr("is not closed"));
  EXPECT_THAT(refusal("a} b"), HasSubstr("never opened"));
  EXPECT_THAT(refusal("{x$$a|b}"), HasSubstr("'x$$' wants a number or a range"));
  EXPECT_THAT(refusal("{3-1$$a|b}"), HasSubstr("wants a number or a range"));
  EXPECT_THAT(refusal("{3$$a|b}"), HasSubstr("has 2 to choose from, and 3 are wanted"));
  EXPECT_THAT(refusal("{-1::a|b}"), HasSubstr("weighs -1"));
  EXPECT_THAT(refusal("{inf::a|b}"), HasSubstr("weighs inf"));
  EXPECT_THAT(refusal("{0::a}"), HasSubstr("has 0 to choose from"));
  EXPECT_THAT(refusal("__nothing__"), HasSubstr("holds nothing to choose"));
  EXPECT_THAT(refusal("__weightless__"), HasSubstr("holds nothing to choose"));
  EXPECT_THAT(refusal("__gone__", ErrorCode::kNotFound), HasSubstr("gone"));
}

TEST(Alternatives, EndWhereListsNameEachOther) {
  EXPECT_THAT(refusal("__itself__"), HasSubstr("32 deep"));
  EXPECT_THAT(refusal("__two__"), HasSubstr("32 deep"));
  EXPECT_THAT(refusal(std::string(100, '{') + std::string(100, '}')), HasSubstr("32 deep"));
  std::string many;
  for (int i = 0; i < 10'001; ++i) many += "{a}";
  EXPECT_THAT(refusal(many), HasSubstr("10000 choices"));
}

}  // namespace
}  // namespace easel
