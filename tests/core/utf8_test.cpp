#include "core/utf8.h"

#include <gtest/gtest.h>

namespace easel {
namespace {

TEST(Utf8, IsCheckedToTheLetter) {
  for (const char* good : {"", "a", "é", "€", "😀", "héllo 東京 🚀", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(is_utf8(good)) << good;
  }
}

TEST(Utf8, RefusesWhatRfc3629Refuses) {
  for (const char* bad :
       {"\x80", "\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xed\xbf\xbf",
        "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "a\xe6\x9d"}) {
    EXPECT_FALSE(is_utf8(bad)) << bad;
  }
}

TEST(Utf8, ReplacesEachInvalidByte) {
  EXPECT_EQ(valid_utf8("\xc0\xaf\xed\xa0\x80\xf5"), "\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd");
  EXPECT_EQ(code_points("a\x80é"), U"a\ufffdé");
}

TEST(Utf8, ComesBackFromItsCodePoints) {
  const std::string text = "a\u00e9\u5317\U0001F431\U0010FFFF";
  EXPECT_EQ(code_points(text), U"a\u00e9\u5317\U0001F431\U0010FFFF");
  EXPECT_EQ(to_utf8(code_points(text)), text);
}

TEST(Utf8, StopsAtTheEndOfTheText) {
  const std::string_view cut = std::string_view("é").substr(0, 1);
  EXPECT_FALSE(first_code_point(cut).valid);
  EXPECT_EQ(first_code_point(cut).bytes, 1u);
}

}  // namespace
}  // namespace easel
