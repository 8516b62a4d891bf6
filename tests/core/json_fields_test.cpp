#include "core/json_fields.h"

#include <gmock/gmock.h>

#include <limits>

namespace easel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Fields, TakesWhatIsInRangeAndNamesWhatIsNot) {
  const Json json = {{"a", 5}, {"b", 5.0}, {"c", 0.5}, {"d", "text"}, {"e", true}, {"f", nullptr}};
  Fields fields(json, {});
  EXPECT_EQ(fields.integer("a", 1, 0, 5), 5);
  EXPECT_EQ(fields.integer("b", 1, 0, 5), 5);
  EXPECT_EQ(fields.number("c", 1, 0, 1), 0.5);
  EXPECT_EQ(fields.text("d", "", {.least = 1, .most = 4}), "text");
  EXPECT_TRUE(fields.flag("e", false));
  EXPECT_EQ(fields.integer("f", 7, 0, 9), 7);
  EXPECT_EQ(fields.integer("absent", 8, 0, 9), 8);
  EXPECT_NO_THROW(fields.finish());
}

TEST(Fields, GathersEveryFault) {
  const Json json = {{"a", 6}, {"b", 1.5},    {"c", 1e308}, {"d", "texts"},
                     {"e", 1}, {"g", "\x01"}, {"h", 3}};
  Fields fields(json, {});
  fields.integer("a", 1, 0, 5);
  fields.integer("b", 1, 0, 5);
  fields.number("c", 1, 0, 1);
  fields.text("d", "", {.least = 1, .most = 4});
  fields.flag("e", false);
  fields.text("g", "", {});
  try {
    fields.finish();
    FAIL();
  } catch (const FaultsError& error) {
    std::vector<std::string> names;
    for (const Fault& fault : error.faults()) {
      names.push_back(fault.field);
      EXPECT_FALSE(fault.allowed.empty()) << fault.field;
      EXPECT_THAT(fault.detail, HasSubstr(fault.field));
    }
    EXPECT_THAT(names, ::testing::UnorderedElementsAre("a", "b", "c", "d", "e", "g", "h"));
  }
}

TEST(Fields, SeedsAreWholeTo64Bits) {
  EXPECT_EQ(seed_of(Json::parse("18446744073709551615")), ~std::uint64_t{0});
  EXPECT_EQ(seed_of("18446744073709551615"), ~std::uint64_t{0});
  EXPECT_EQ(seed_of(0), 0u);
  for (const char* bad : {"-1", "1.5", "18446744073709551616", "\"-1\"", "\"\"", "\"1e3\"",
                          "\"18446744073709551616\"", "true", "[]", "\"0x10\"", "\" 1\""}) {
    EXPECT_FALSE(seed_of(Json::parse(bad))) << bad;
  }
  EXPECT_TRUE(seed_json((std::uint64_t{1} << 53) - 1).is_number());
  EXPECT_EQ(seed_json(std::uint64_t{1} << 53), "9007199254740992");
}

TEST(Fields, TextCountsAsNumbersWhereThatIsSaid) {
  const Json json = {{"a", "20"}, {"b", "0.5"}, {"c", "true"}, {"d", "20x"}, {"e", "nan"}};
  Fields lax(json, {.refuse_unknown = false, .from_text = true});
  EXPECT_EQ(lax.integer("a", 0, 0, 100), 20);
  EXPECT_EQ(lax.number("b", 0, 0, 1), 0.5);
  EXPECT_TRUE(lax.flag("c", false));
  EXPECT_NO_THROW(lax.finish());
  lax.integer("d", 0, 0, 100);
  lax.number("e", 0, 0, 100);
  EXPECT_THROW(lax.finish(), FaultsError);
  Fields strict(json, {});
  strict.integer("a", 0, 0, 100);
  EXPECT_THROW(strict.finish(), FaultsError);
}

}  // namespace
}  // namespace easel
