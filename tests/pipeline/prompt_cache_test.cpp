#include "pipeline/parts/prompt_cache.h"

#include <gtest/gtest.h>

namespace easel {
namespace {

TEST(PromptCache, KeepsWhatWasUsedLast) {
  PromptCache cache(2);
  cache.put("a", {1});
  cache.put("b", {2});
  cache.put("c", {3});
  ASSERT_NE(cache.find("a"), nullptr);
  cache.put("d", {4});  // three fit: the capacity and one that may be empty
  EXPECT_EQ(cache.find("b"), nullptr);
  ASSERT_NE(cache.find("a"), nullptr);
  EXPECT_EQ(*cache.find("a"), std::vector<float>{1});
  EXPECT_NE(cache.find("c"), nullptr);
}

TEST(PromptCache, NeverDropsTheEmptyPrompt) {
  PromptCache cache(1);
  cache.put("", {0});
  for (const char* prompt : {"a", "b", "c", "d"}) cache.put(prompt, {1});
  EXPECT_NE(cache.find(""), nullptr);
  EXPECT_NE(cache.find("d"), nullptr);
  EXPECT_EQ(cache.find("a"), nullptr);
}

}  // namespace
}  // namespace easel
