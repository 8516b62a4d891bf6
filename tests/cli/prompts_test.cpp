#include "cli/prompts.h"

#include <gtest/gtest.h>

#include "core/error.h"

namespace easel::cli {
namespace {

TEST(ReadPrompts, TakesWordsOrQuotedPrompts) {
  const auto words = read_prompts({"a", "red", "rocket"}, "");
  ASSERT_EQ(words.size(), 1u);
  EXPECT_EQ(words[0].text, "a red rocket");
  const auto quoted = read_prompts({"a rocket", "robot"}, "");
  ASSERT_EQ(quoted.size(), 2u);
  EXPECT_EQ(quoted[1].text, "robot");
  EXPECT_THROW(read_prompts({}, ""), Error);
  EXPECT_THROW(read_prompts({"a"}, "file"), Error);
}

}  // namespace
}  // namespace easel::cli
