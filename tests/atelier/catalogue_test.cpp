#include "atelier/catalogue.h"

#include <gtest/gtest.h>

#include <fstream>

#include "support/temporary_folder.h"

namespace easel {
namespace {

TEST(CatalogueTest, StylesAreNamedWithoutTheirPreposition) {
  const testing::TemporaryFolder folder;
  std::ofstream(folder.path() / "b.json")
      << R"({"prompt":"{subject} {style}","subjects":[{"key":"cat","text":"cat"}],)"
      << R"("styles":[{"text":"in the style of Van Gogh"},{"text":"as a Byzantine mosaic"}]})";
  const Catalogue catalogue(folder.path() / "b.json", folder.path() / "own.json");
  const Json json = catalogue.to_json();
  EXPECT_EQ(json["styles"][0]["name"], "Van Gogh");
  EXPECT_EQ(json["styles"][1]["name"], "Byzantine mosaic");
  EXPECT_EQ(json["join"], " ");
}

TEST(CatalogueTest, ABrokenFileOfOnesOwnIsNoReasonNotToStart) {
  const testing::TemporaryFolder folder;
  for (const char* text :
       {"", "{", "[]", "{\"subjects\":5}", "{\"subjects\":[{\"name\":5}]}", "\xff"}) {
    std::ofstream(folder.path() / "own.json") << text;
    EXPECT_NO_THROW(Catalogue(folder.path() / "none.json", folder.path() / "own.json")) << text;
  }
}

}  // namespace
}  // namespace easel
