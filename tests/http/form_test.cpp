#include "http/form.h"

#include <gmock/gmock.h>

#include "http/problem.h"

namespace easel {
namespace {

using testing::HasSubstr;

constexpr const char* kType = "multipart/form-data; boundary=cut";

std::string part(const std::string& disposition, const std::string& data) {
  return "--cut\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" + data + "\r\n";
}

// The status and line with which a form is refused; 0 when it is taken.
std::pair<int, std::string> refusal(const std::string& body, const FormLimits& limits = {},
                                    const std::string& type = kType) {
  try {
    read_form(type, body, limits);
  } catch (const ProblemError& error) {
    return {error.problem().status, error.problem().detail};
  }
  return {0, ""};
}

TEST(FormTest, PartsComeInTheirOrderWithTwoOfAName) {
  const std::string body = "before\r\n" + part("name=\"image[]\"; filename=\"a.png\"", "one") +
                           part("name=n", "2") + part("filename=b; name=\"image[]\"", "") +
                           "--cut--\r\nafter";
  const auto parts = read_form(kType, body);
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(parts[0].name, "image[]");
  EXPECT_EQ(parts[0].data, "one");
  EXPECT_TRUE(parts[0].is_file);
  EXPECT_EQ(parts[1].name, "n");
  EXPECT_EQ(parts[1].data, "2");
  EXPECT_FALSE(parts[1].is_file);
  EXPECT_EQ(parts[2].name, "image[]");
  EXPECT_EQ(parts[2].data, "");
}

TEST(FormTest, DataMayHoldLineEndsZeroesAndWhatOnlyBeginsLikeABoundary) {
  const std::string data("\r\n\r\n--cu\r\n--cutter\r\n\0--cut--\r\n", 29);
  EXPECT_EQ(read_form(kType, part("name=x", data) + "--cut--").at(0).data, data);
}

TEST(FormTest, NamesMayBeQuotedInEveryWay) {
  const auto name = [](const std::string& disposition) {
    return read_form(kType, part(disposition, "") + "--cut--").at(0).name;
  };
  EXPECT_EQ(name(R"(name="a\"b\\c")"), R"(a"b\c)");
  EXPECT_EQ(name("name=\"a%22b\""), "a\"b");
  EXPECT_EQ(name("name=\"a; name=b\""), "a; name=b");
  EXPECT_EQ(name("NAME = plain ; filename*=UTF-8''n.png"), "plain");
  EXPECT_THAT(refusal(part("name=\"open", "") + "--cut--").second, HasSubstr("without its end"));
}

TEST(FormTest, AnEncodedFileNameMakesAFileAndNoName) {
  const std::string body = part("name=x; filename*=UTF-8''%e2%82%ac.png", "") + "--cut--";
  const auto parts = read_form(kType, body);
  EXPECT_EQ(parts.at(0).name, "x");
  EXPECT_TRUE(parts.at(0).is_file);
}

TEST(FormTest, HeadersAreFoundInAnyCaseAmongOthers) {
  const std::string body =
      "--cut  \r\ncontent-type: image/png\r\nCONTENT-DISPOSITION: Form-Data; name=x\r\n\r\n1\r\n"
      "--cut--";
  EXPECT_EQ(read_form("Multipart/Form-Data; charset=x; Boundary=\"cut\"", body).at(0).data, "1");
}

TEST(FormTest, WithoutABoundaryItIsNoForm) {
  for (const std::string type :
       {"multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary",
        "multipart/form-data; xboundary=cut"}) {
    EXPECT_EQ(refusal("--cut--", {}, type).first, 400) << type;
  }
  const std::string longest(70, 'b');
  EXPECT_EQ(refusal("--" + longest + "--", {}, "a/b; boundary=" + longest).first, 0);
  EXPECT_EQ(refusal("--" + longest + "b--", {}, "a/b; boundary=" + longest + "b").first, 400);
}

TEST(FormTest, WhatHasNoEndIsRefused) {
  EXPECT_THAT(refusal("").second, HasSubstr("last boundary"));
  EXPECT_THAT(refusal("--cut").second, HasSubstr("last boundary"));
  EXPECT_THAT(refusal(part("name=x", "1")).second, HasSubstr("last boundary"));
  EXPECT_THAT(refusal(part("name=x", "1") + "--cut\r\n").second, HasSubstr("headers"));
  EXPECT_THAT(refusal("--cut\r\nContent-Disposition: form-data; name=x").second,
              HasSubstr("within a part's headers"));
}

TEST(FormTest, APartNeedsAName) {
  for (const std::string line :
       {"A: b", "Content-Disposition: form-data", "Content-Disposition: form-data; name=\"\"",
        "Content-Disposition: attachment; name=x", "no colon"}) {
    EXPECT_EQ(refusal("--cut\r\n" + line + "\r\n\r\n\r\n--cut--").first, 400) << line;
  }
}

TEST(FormTest, LimitsHold) {
  const FormLimits small{.parts = 2, .header_bytes = 60, .part_bytes = 3};
  const std::string one = part("name=x", "123");
  EXPECT_EQ(refusal(one + one + "--cut--", small).first, 0);
  EXPECT_EQ(refusal(one + one + one + "--cut--", small).first, 413);
  EXPECT_EQ(refusal(part("name=x", "1234") + "--cut--", small).first, 413);
  const std::string endless = "--cut\r\n" + std::string(100, 'h');
  EXPECT_EQ(refusal(endless, small).first, 413);
  std::string many = "--cut\r\n";
  for (int line = 0; line < 50; ++line) many += "A: b\r\n";
  EXPECT_EQ(refusal(many, small).first, 413);
}

}  // namespace
}  // namespace easel
