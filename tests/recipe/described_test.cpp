#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "recipe/forms.h"

// What else lists the settings is held to the rows here.

namespace easel {
namespace {

// The page's stand-in server answers with it.
TEST(Rows, AreWhatThePageIsTriedWith) {
  const auto file = std::filesystem::path(EASEL_SOURCE_DIR) / "tests/browser/fake/fields.json";
  std::ifstream in(file);
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  EXPECT_EQ(text, list_of_fields().dump({.indent = 1}) + "\n") << file;
}

class Described : public ::testing::Test {
 protected:
  const Json& properties(const char* schema) const {
    return document_["components"]["schemas"][schema]["properties"];
  }
  static Json read() {
    std::ifstream in(std::filesystem::path(EASEL_SOURCE_DIR) / "src/server/api/own/openapi.json");
    return Json::parse(std::string((std::istreambuf_iterator<char>(in)), {}));
  }
  const Json document_ = read();
};

TEST_F(Described, AskedSettingsAreTheRequests) {
  std::set<std::string> wanted = {"count", "reuse", "listed"};  // of the job
  const Json rows = list_of_fields();
  for (const Json& row : rows) {
    if (!row["asked"].get<bool>()) continue;
    wanted.insert(row["name"].text());
    const Json& described = properties("DrawRequest")[row["name"].text()];
    for (const auto& [bound, name] :
         {std::pair("minimum", "least"), std::pair("maximum", "most")}) {
      if (row["kind"] == Json("integer") && described.contains(bound) &&
          row["name"] != Json("upscale") && row["name"] != Json("width") &&
          row["name"] != Json("height")) {
        EXPECT_EQ(described[bound], row[name]) << row["name"].text();
      }
    }
  }
  std::set<std::string> described;
  for (const auto& [name, schema] : properties("DrawRequest").items()) described.insert(name);
  EXPECT_EQ(described, wanted);
}

TEST_F(Described, AllSettingsAreAPicturesAndAFiles) {
  const Json rows = list_of_fields();
  for (const Json& row : rows) {
    EXPECT_TRUE(properties("Picture").contains(row["name"].text())) << row["name"].text();
    EXPECT_TRUE(properties("Settings").contains(row["name"].text())) << row["name"].text();
  }
}

}  // namespace
}  // namespace easel
