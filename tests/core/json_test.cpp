#include "core/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "core/error.h"

namespace easel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string refusal(std::string_view text, const JsonRules& rules = {}) {
  try {
    Json::parse(text, rules);
  } catch (const Error& error) {
    return error.what();
  }
  return "read";
}

TEST(JsonValue, BracesMakeObjectsOfPairsAndListsOfOthers) {
  const Json json = {{"text", "a"}, {"list", {1, 2.5, true}}, {"pair", {{"k", nullptr}}}};
  EXPECT_EQ(json.dump(), R"({"text":"a","list":[1,2.5,true],"pair":{"k":null}})");
  EXPECT_EQ(Json({1, 2}).dump(), "[1,2]");
  EXPECT_EQ(Json::array({"a", "b"}).dump(), R"(["a","b"])");
  EXPECT_EQ(Json(std::vector<std::int64_t>{64, 96}).dump(), "[64,96]");
}

TEST(JsonValue, ObjectsKeepTheirOrderAndAreEqualInAny) {
  const Json json = Json::parse(R"({"b": 1, "a": [2]})");
  EXPECT_EQ(json.dump(), R"({"b":1,"a":[2]})");
  EXPECT_EQ(json.sorted().dump(), R"({"a":[2],"b":1})");
  EXPECT_EQ(json, Json({{"a", Json::array({2.0})}, {"b", 1u}}));
  EXPECT_NE(json, Json({{"a", Json::array({2})}}));
  EXPECT_NE(Json(-1), Json(std::numeric_limits<std::uint64_t>::max()));
}

TEST(JsonValue, NumbersComeBackExactly) {
  for (const std::string text : {"0", "-1", "18446744073709551615", "-9223372036854775808", "0.1",
                                 "5.0", "1e+20", "1e-05", "5e-324", "1.7976931348623157e+308"}) {
    EXPECT_EQ(Json::parse(text).dump(), text);
  }
}

TEST(JsonValue, IsWrittenOverLinesAndInAscii) {
  const Json json = {{"a", Json::array({1, "ü\n"})}, {"b", Json::object()}};
  EXPECT_EQ(json.dump({.indent = 2}), "{\n  \"a\": [\n    1,\n    \"ü\\n\"\n  ],\n  \"b\": {}\n}");
  EXPECT_EQ(json.dump({.ascii = true}), R"({"a":[1,"\u00fc\n"],"b":{}})");
  EXPECT_EQ(Json("\xff!").dump(), "\"\xef\xbf\xbd!\"");
}

TEST(JsonValue, ReadsWhatItIsAskedForOrSaysWhatIsThere) {
  const Json json = Json::parse(R"({"n": 300, "r": 2.0, "h": 2.5, "t": "x", "l": [1, 2]})");
  EXPECT_EQ(json.at("n").get<int>(), 300);
  EXPECT_EQ(json["r"].get<int>(), 2);
  EXPECT_EQ(json.value("t", ""), "x");
  EXPECT_EQ(json.value("none", 7), 7);
  EXPECT_THAT(json["l"].get<std::vector<int>>(), ElementsAre(1, 2));
  EXPECT_TRUE(json["none"].is_null());
  EXPECT_THROW(json["n"].get<std::uint8_t>(), Error);
  EXPECT_THROW(json["h"].get<int>(), Error);
  EXPECT_THROW(json["t"].get<int>(), Error);
  EXPECT_THROW(json["l"].get<std::vector<std::string>>(), Error);
  EXPECT_THROW(json.value("t", 7), Error);
  EXPECT_THROW(json.at("none"), Error);
  EXPECT_THROW(json["l"].at(2), Error);
}

TEST(JsonValue, MembersAreAddedChangedAndRemoved) {
  Json json;
  json["list"].push_back(1);
  json["list"].push_back({{"k", 2}});
  json.update({{"list", json["list"]}, {"more", "x"}});
  json["gone"] = 1;
  json.erase("gone");
  EXPECT_EQ(json.dump(), R"({"list":[1,{"k":2}],"more":"x"})");
  EXPECT_THROW(json["more"]["deeper"] = 1, Error);
  EXPECT_THROW(json.push_back(1), Error);
}

TEST(JsonValue, RefusesWhatTwoReadersCouldReadDifferently) {
  EXPECT_THAT(refusal(R"({"a": 1, "a": 2})"), HasSubstr("twice"));
  EXPECT_THAT(refusal(std::string("1\0002", 3)), HasSubstr("byte 1"));
  for (const std::string text : {"", "{", "[1,]", "{'a': 1}", "NaN", "1 2", "\"\xff\"", "1e999"}) {
    EXPECT_THAT(refusal(text), HasSubstr("not JSON")) << text;
    EXPECT_FALSE(Json::try_parse(text)) << text;
  }
  EXPECT_EQ(Json::parse(R"({"a": 1, "b": 3, "a": 2})", {.duplicates = true}).dump(),
            R"({"a":2,"b":3})");
}

TEST(JsonValue, DepthIsBoundedAndManyKeysCostNoMoreThanTheyAre) {
  EXPECT_THAT(refusal(std::string(65, '[') + std::string(65, ']')), HasSubstr("deeper than 64"));
  EXPECT_EQ(refusal(std::string(64, '[') + std::string(64, ']')), "read");
  EXPECT_THAT(refusal(std::string(1 << 20, '[')), HasSubstr("deeper than 64"));
  std::string many = "{";
  for (int i = 0; i < 100'000; ++i) many += (i > 0 ? ",\"" : "\"") + std::to_string(i) + "\":0";
  EXPECT_EQ(Json::parse(many + "}").size(), 100'000u);
  EXPECT_THAT(refusal(many + ",\"7\":0}"), HasSubstr("twice"));
}

}  // namespace
}  // namespace easel
