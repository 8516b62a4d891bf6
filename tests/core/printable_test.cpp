#include "core/printable.h"

#include <gtest/gtest.h>

namespace easel {
namespace {

TEST(Printable, escapesWhateverATerminalCouldObey) {
  EXPECT_EQ(printable("\x1b]0;x\x07"), "\\x1b]0;x\\x07");
  EXPECT_EQ(printable("a\nb\x7f"), "a\\x0ab\\x7f");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            "\\xc2\\x9b31m");
  EXPECT_EQ(printable("gpj.\u202egnp"), "gpj.\\xe2\\x80\\xaegnp");
  EXPECT_EQ(printable("\u2066\u2028\u200f"), "\\xe2\\x81\\xa6\\xe2\\x80\\xa8\\xe2\\x80\\x8f");
  EXPECT_EQ(printable("K\u00e4se \u5317 \xff"), "K\u00e4se \u5317 \\xff");
}

TEST(Printable, isAtMost160BytesLong) {
  EXPECT_EQ(printable(std::string(160, 'a')), std::string(160, 'a'));
  EXPECT_EQ(printable(std::string(161, 'a')), std::string(157, 'a') + "\u2026");
  for (std::size_t length = 0; length < 400; ++length) {
    std::string text;
    while (text.size() < length) text += "\u5317\x01";
    EXPECT_LE(printable(text).size(), 160u);
    EXPECT_TRUE(is_clean_text(printable(text)));
  }
}

TEST(WithoutControls, keepsLinesAndLength) {
  EXPECT_EQ(without_controls(std::string(500, 'a') + "\n\x1b"), std::string(500, 'a') + "\n\\x1b");
}

TEST(JsonWithoutControls, staysJson) {
  EXPECT_EQ(json_without_controls("{\"a\": \"\x7f\xc2\x9b\u202e\u5317\"}\n"),
            "{\"a\": \"\\u007f\\u009b\\u202e\u5317\"}\n");
}

}  // namespace
}  // namespace easel
