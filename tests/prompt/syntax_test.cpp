#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "prompt/attention.h"
#include "prompt/emphasis.h"
#include "prompt/networks.h"
#include "prompt/parts.h"
#include "prompt/prompt.h"
#include "prompt/schedule.h"
#include "support/errors.h"
#include "support/fixture_folder.h"

namespace easel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Json fixture(const char* part) {
  return Json::parse(testing::read_text(testing::fixture_file("a1111-prompts/prompts.json")))[part];
}

#define EASEL_NEEDS_PROMPTS() \
  EASEL_NEEDS_SHARED(testing::fixture_file("a1111-prompts/prompts.json"))

std::vector<WeightedText> weighted(const Json& list) {
  std::vector<WeightedText> out;
  for (const auto& entry : list)
    out.push_back({entry[0].get<std::string>(), entry[1].get<double>()});
  return out;
}

std::vector<ScheduledText> scheduled(const Json& list) {
  std::vector<ScheduledText> out;
  for (const auto& entry : list) out.push_back({entry[0].get<int>(), entry[1].get<std::string>()});
  return out;
}

TEST(Attention, IsAutomatic1111s) {
  EASEL_NEEDS_PROMPTS();
  const Json cases = fixture("attention");
  ASSERT_GT(cases.size(), 0u);
  for (const auto& entry : cases) {
    const auto prompt = entry["prompt"].get<std::string>();
    EXPECT_EQ(parse_attention(prompt), weighted(entry["parsed"])) << prompt;
  }
}

TEST(Attention, ReadsAWeightThatIsNoNumberAsText) {
  EXPECT_THAT(parse_attention("(a:1.2.3)"), ElementsAre(WeightedText{"a:1.2.3", 1.1}));
  EXPECT_THAT(parse_attention("(a:.)"), ElementsAre(WeightedText{"a:.", 1.1}));
  EXPECT_THAT(parse_attention("(a:\uff11.\uff15)"), ElementsAre(WeightedText{"a", 1.5}));
}

TEST(Schedule, IsAutomatic1111s) {
  EASEL_NEEDS_PROMPTS();
  const Json cases = fixture("schedules");
  ASSERT_GT(cases.size(), 0u);
  for (const auto& entry : cases) {
    const auto prompt = entry["prompt"].get<std::string>();
    EXPECT_EQ(schedule(prompt, {.steps = 10}), scheduled(entry["steps10"])) << prompt;
    EXPECT_EQ(schedule(prompt, {.steps = 20}), scheduled(entry["steps20"])) << prompt;
    EXPECT_EQ(schedule(prompt, {.steps = 10, .hires_steps = 6}), scheduled(entry["hires"]))
        << prompt;
    EXPECT_EQ(schedule(prompt, {.steps = 10, .hires_steps = 6, .old_style = true}),
              scheduled(entry["hires_old"]))
        << prompt;
  }
}

TEST(Schedule, ReadsBracketsAsGroupsOrAsText) {
  const auto at_half = [](std::string_view prompt) {
    const auto texts = schedule(prompt, {.steps = 10});
    return texts.size() == 1 ? "one: " + texts[0].text : texts[0].text + " > " + texts[1].text;
  };
  EXPECT_EQ(at_half("( [a:b:5]"), "( a > ( b");
  EXPECT_EQ(at_half("[x:([a:b:5]:3]"), "[x:(a:3] > [x:(b:3]");
  EXPECT_EQ(at_half("[(a:b:c):d:5]"), "one: [(a:b:c):d:5]");
  EXPECT_EQ(at_half("[[a:b:5]|"), "one: [[a:b:5]|");
  EXPECT_EQ(at_half("a|[b:c:5]"), "one: a|[b:c:5]");
  EXPECT_EQ(at_half("[a:b:5]\\"), "one: [a:b:5]\\");
  EXPECT_EQ(at_half("[a:b: 5 ]"), "a > b");
  EXPECT_EQ(at_half("[a:b:5e0]"), "a > b");
  EXPECT_EQ(at_half("[a:b:1e999]"), "one: a");
}

TEST(Schedule, ThatNeverEndsIsFound) {
  EXPECT_EQ(unclosed_schedule("a [cat:dog:5 on a mat"), "[cat:dog:5 on a mat");
  EXPECT_EQ(unclosed_schedule("(a [cat|dog) x"), "[cat|dog) x");
  EXPECT_EQ(unclosed_schedule("[a [b|c:5]"), "");  // what is open holds no sign of its own
  for (const char* text : {"", "a [cat:dog:5] (b:1.2", "[cat", "\\[cat:dog", "a:b]", "[cat] : x"}) {
    EXPECT_EQ(unclosed_schedule(text), "") << text;
  }
}

TEST(Parts, AreAutomatic1111s) {
  EASEL_NEEDS_PROMPTS();
  const Json cases = fixture("multicond");
  ASSERT_GT(cases.size(), 0u);
  for (const auto& entry : cases) {
    const auto prompt = entry["prompt"].get<std::string>();
    EXPECT_EQ(split_parts(prompt), weighted(entry["parts"])) << prompt;
  }
}

TEST(Networks, AreCutOut) {
  const auto cut =
      cut_networks("a <lora:x y:0.8>cat<lyco:z:0.5:1.5> <lora:n> <hypernet:h:te=2:unet=3>");
  EXPECT_EQ(cut.text, "a cat  ");
  EXPECT_THAT(
      cut.networks,
      ElementsAre(PromptNetwork{"lora", "x y", 0.8, 0.8}, PromptNetwork{"lyco", "z", 0.5, 1.5},
                  PromptNetwork{"lora", "n", 1, 1}, PromptNetwork{"hypernet", "h", 2, 3}));
  for (const std::string text : {"a < b > c", "<b>", "<lora:>", "<:x>", "<lora:x", "x>", "<|a:b|>"})
    EXPECT_EQ(cut_networks(text).text, text);
}

TEST(Networks, SayWhatIsWrongWithThem) {
  const auto message = [](const char* text) {
    return testing::message_of(ErrorCode::kUsage, [&] { cut_networks(text); });
  };
  EXPECT_THAT(message("a <lora:x:strong>"), HasSubstr("'<lora:x:strong>'"));
  EXPECT_THAT(message("<lora:x:1:nan>"), HasSubstr("a number is wanted"));
  EXPECT_THAT(message("<lora::1>"), HasSubstr("names no file"));
}

TEST(ReadPrompt, TellsEachPartsTextOfEachStep) {
  const auto read = read_prompt("<lora:x:1>a [cat|dog] AND b :0.5", {.steps = {.steps = 4}});
  ASSERT_EQ(read.parts.size(), 2u);
  EXPECT_EQ(read.networks.size(), 1u);
  EXPECT_EQ(read.parts[0].at(1), "a cat");
  EXPECT_EQ(read.parts[0].at(2), "a dog");
  EXPECT_EQ(read.parts[0].at(4), "a dog");
  EXPECT_EQ(read.parts[1].weight, 0.5);
  EXPECT_THAT(read.parts[1].texts, ElementsAre(ScheduledText{4, " b"}));
  EXPECT_EQ(read_prompt("a AND b", {.negative = true}).parts.size(), 1u);
  const auto plain = read_prompt("[a|b] <lora:x:1>", {.syntax = PromptSyntax::kPlain});
  EXPECT_EQ(plain.parts[0].at(1), "[a|b] <lora:x:1>");
}

TEST(Emphasis, WeighsRowsAndRestoresTheirMean) {
  std::vector<float> rows = {1, 3, 2, 2};
  emphasize(rows, std::vector<float>{1, 2}, Emphasis::kNoNorm);
  EXPECT_THAT(rows, ElementsAre(1, 3, 4, 4));
  rows = {1, 3, 2, 2};
  emphasize(rows, std::vector<float>{1, 2}, Emphasis::kOriginal);
  EXPECT_NEAR(rows[0] + rows[1] + rows[2] + rows[3], 8, 1e-6);
  EXPECT_FLOAT_EQ(rows[2] / rows[0], 4);
  rows = {1, -1};
  emphasize(rows, std::vector<float>{1, 1}, Emphasis::kOriginal);  // a mean of 0 stays
  EXPECT_THAT(rows, ElementsAre(1, -1));
  for (const auto emphasis : {Emphasis::kIgnore, Emphasis::kNone, Emphasis::kOriginal})
    EXPECT_EQ(emphasis_named(name_of(emphasis)), emphasis);
  EXPECT_EQ(emphasis_named("no-norm"), Emphasis::kNoNorm);
  EXPECT_FALSE(emphasis_named("oiginal"));
}

// What no person writes: read in time that grows with it, or refused in a line.
TEST(HostilePrompts, AreReadOrRefusedSoon) {
  const auto repeated = [](std::string_view piece, std::size_t bytes) {
    std::string text;
    while (text.size() < bytes) text += piece;
    return text;
  };
  const std::size_t much = std::size_t{1} << 17;
  for (const std::string_view open : {"(", "[", "(a", "[a:", "[a|"}) {
    const std::string text = repeated(open, 10'000 * open.size());
    EXPECT_THAT(testing::message_of(ErrorCode::kUsage, [&] { parse_attention(text); }),
                HasSubstr("more than 1000 brackets"));
    EXPECT_THAT(testing::message_of(ErrorCode::kUsage, [&] { schedule(text, {}); }),
                HasSubstr("more than 1000 brackets"));
  }
  for (const std::string_view piece :
       {"(a)", "[a]", "[a:b:1]", "a:", "BREAK ", " ", ")", "]", "\\(", "AND ", "<a:", "<lora:x:1>",
        "::::", "a, ", ": 1", "[a:b:c:d]", "(a:1.2)"}) {
    const std::string text = repeated(piece, much);
    EXPECT_FALSE(parse_attention(text).empty());
    EXPECT_FALSE(split_parts(text).empty());
    EXPECT_FALSE(schedule(text, {.steps = 2}).empty());
    cut_networks(text);
  }
  EXPECT_THAT(
      testing::message_of(
          ErrorCode::kUsage,
          [&] { schedule("[a|b]" + std::string(std::size_t{1} << 20, 'x'), {.steps = 50}); }),
      HasSubstr("more than 16 MiB"));
}

}  // namespace
}  // namespace easel
