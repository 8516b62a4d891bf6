#include "atelier/export.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "core/error.h"
#include "core/json.h"
#include "studio.h"

namespace easel {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

Json data_in(const fs::path& folder) {
  const std::string text = text_of(folder / "data.js");
  const std::string start = "window.easelGallery = ";
  EXPECT_TRUE(text.starts_with(start)) << text.substr(0, 100);
  return Json::parse(text.substr(start.size(), text.rfind(';') - start.size()));
}

int files_in(const fs::path& folder) {
  int count = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator(folder)) ++count;
  return count;
}

ErrorCode code_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "nothing was thrown";
  return ErrorCode::kUsage;
}

class Export : public ::testing::Test {
 protected:
  fs::path out() const { return studio_.folder() / "out"; }
  ExportReport run(ExportOptions options = {}) {
    options.folder = out();
    return export_gallery(options, studio_.records, studio_.files);
  }
  Studio studio_;
};

TEST_F(Export, WritesThePageItsDataAndThePictures) {
  studio_.add("cat", "mosaic", 1);
  studio_.add("cat", "mosaic", 2);
  studio_.add("ship", "Monet", 1);

  const ExportReport report = run();

  EXPECT_EQ(report.pairs, 2);
  EXPECT_EQ(report.pictures, 3);
  EXPECT_EQ(report.written, 3);
  for (const char* name : {"index.html", "page.css", "page.js"})
    EXPECT_GT(fs::file_size(out() / name), 500u) << name;
  const Json data = data_in(out());
  ASSERT_EQ(data["pairs"].size(), 2u);
  EXPECT_EQ(data["pairs"][0]["pictures"].size(), 2u);
  const std::string file = data["pairs"][0]["pictures"][0]["file"].text();
  const Picture picture = read_picture(out() / file);
  EXPECT_EQ(picture.format, ImageFormat::kWebp);
  EXPECT_EQ(picture.image.width(), 8);
}

TEST_F(Export, OrdersTheMenusAsAskedAndTheRestByName) {
  for (const char* subject : {"ant", "bee", "cat"}) studio_.add(subject, "plain", 1);
  run({.subjects = {"cat", "dog"}});
  EXPECT_THAT(data_in(out())["subjects"].get<std::vector<std::string>>(),
              ElementsAre("cat", "ant", "bee"));
}

TEST_F(Export, ShowsTheLargestOfEachSeedAndAtMostSoManyOfAPair) {
  for (const std::uint64_t seed : {5, 4, 3}) studio_.add("cat", "mosaic", seed);
  const std::string enlarged = studio_.add("cat", "mosaic", 3, 4);
  studio_.add("cat", "mosaic", 3);

  run({.per_pair = 2});

  const Json shown = data_in(out())["pairs"][0]["pictures"];
  ASSERT_EQ(shown.size(), 2u);
  EXPECT_EQ(shown[0]["file"], "pictures/" + enlarged + ".webp");
  EXPECT_EQ(shown[0]["width"], 32);
  EXPECT_EQ(shown[1]["seed"], "4");
}

TEST_F(Export, LeavesOutWhatIsDeletedOrHasNoPair) {
  studio_.add("cat", "mosaic", 1);
  studio_.set_deleted(studio_.add("cat", "mosaic", 2));
  studio_.add("", "mosaic", 3);
  studio_.add("cat", "", 4);
  EXPECT_EQ(run().pictures, 1);
}

TEST_F(Export, AgainWritesOnlyWhatIsNewAndRemovesWhatIsNoLongerShown) {
  const std::string gone = studio_.add("cat", "mosaic", 1);
  run();
  studio_.set_deleted(gone);
  studio_.add("cat", "mosaic", 2);
  studio_.add("cat", "mosaic", 3);

  const ExportReport report = run();
  EXPECT_EQ(report.written, 2);
  EXPECT_EQ(files_in(out() / "pictures"), 2);
  EXPECT_EQ(run().written, 0);
}

TEST_F(Export, WritesPngFilesWithTheirSettings) {
  studio_.add("cat", "mosaic", 7);
  run({.format = ImageFormat::kPng});
  const std::string file = data_in(out())["pairs"][0]["pictures"][0]["file"].text();
  const auto provenance = provenance_of(read_picture(out() / file).metadata);
  ASSERT_TRUE(provenance);
  EXPECT_EQ(provenance->recipe.seed.seed, 7u);
}

TEST_F(Export, DataCannotBecomeMarkup) {
  studio_.add("</script><script>alert(1)</script>", "\u2028<!--", 1);
  run();
  const std::string text = text_of(out() / "data.js");
  EXPECT_EQ(text.find('<'), std::string::npos);
  EXPECT_EQ(data_in(out())["subjects"][0], "</script><script>alert(1)</script>");
}

TEST_F(Export, RefusesAFolderThatHoldsOtherThings) {
  studio_.add("cat", "mosaic", 1);
  fs::create_directories(out());
  std::ofstream(out() / "thesis.txt") << "precious";
  EXPECT_EQ(code_of([&] { run(); }), ErrorCode::kUsage);
  EXPECT_EQ(files_in(out()), 1);
  EXPECT_EQ(run({.force = true}).pictures, 1);
  EXPECT_EQ(text_of(out() / "thesis.txt"), "precious");
}

TEST_F(Export, AnEmptyGalleryIsSaidBeforeAnythingIsWritten) {
  EXPECT_EQ(code_of([&] { run(); }), ErrorCode::kNotFound);
  EXPECT_FALSE(fs::exists(out()));
}

TEST_F(Export, StopsWhenAsked) {
  studio_.add("cat", "mosaic", 1);
  CancelToken cancel;
  cancel.cancel();
  EXPECT_EQ(code_of([&] {
              export_gallery({.folder = out()}, studio_.records, studio_.files,
                             {.cancel = &cancel});
            }),
            ErrorCode::kCancelled);
}

}  // namespace
}  // namespace easel
