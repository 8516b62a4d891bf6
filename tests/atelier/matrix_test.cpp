#include "atelier/matrix.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "studio.h"

namespace easel {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

// Draws gray squares, and remembers what it was asked for.
class Gray final : public DrawingModel {
 public:
  struct Asked {
    Recipe recipe;
    Pictures which;
  };

  const ModelInfo& info() const override { return info_; }
  Arithmetic arithmetic() const override {
    return {.precision = "fp32", .backend = "cpu", .target = "none"};
  }
  Recipe completed(const Recipe& recipe) const override { return recipe; }
  std::int64_t memory_needed(const Recipe&, const Pictures&) const override { return 1; }
  std::vector<DrawnPicture> draw(const Recipe& recipe, const Pictures& which,
                                 const DrawHooks& hooks) override {
    asked.push_back({recipe, which});
    for (int k = which.first; k < which.first + which.count; ++k) {
      if (hooks.cancel != nullptr) hooks.cancel->check();
      if (drawn == stop_after) throw Error(ErrorCode::kCancelled, "cancelled");
      ++drawn;
      hooks.on_picture({.index = k,
                        .seed = *recipe.seed.seed + static_cast<std::uint64_t>(k),
                        .image = Image(recipe.size, 3)});
    }
    return {};
  }
  void load(const CancelToken*) override {}
  void release() override {}
  LatentCodec* latents() override { return nullptr; }
  LatentPreview fit_preview() override { return {}; }

  std::vector<Asked> asked;
  int drawn = 0;
  int stop_after = -1;

 private:
  ModelInfo info_;
};

MatrixRequest two_by_two() {
  MatrixRequest request;
  request.subjects = {{"cat", "a cat"}, {"ship", "a ship"}};
  request.styles = {{"Monet", "in the style of Monet"}, {"mosaic", "as a mosaic"}};
  Recipe& recipe = request.settings.recipe;
  recipe.model.name = "tiny";
  recipe.method = Diffusion{.steps = 25, .sampler = "ddim", .scale = 7.5};
  recipe.size = {16, 16};
  recipe.seed.seed = 1;
  request.settings.count = 3;
  return request;
}

class Matrix : public ::testing::Test {
 protected:
  MatrixReport run(const MatrixRequest& request, const Enlarger* upscaler = nullptr) {
    return draw_matrix(request, gray_, upscaler, studio_.records, studio_.files);
  }
  Studio studio_;
  Gray gray_;
};

TEST_F(Matrix, PutsEveryPairIntoTheGallery) {
  const MatrixReport report = run(two_by_two());
  EXPECT_EQ(report.drawn, 12);
  EXPECT_EQ(studio_.count(), 12);
  const auto pictures = studio_.list({.style = "mosaic", .subject = "ship"});
  ASSERT_THAT(pictures, SizeIs(3));
  EXPECT_EQ(pictures[0].recipe.prompt, "a ship, as a mosaic");
  EXPECT_EQ(pictures[0].recipe.seed.seed, 3u);
  EXPECT_TRUE(studio_.files.picture(pictures[0].id));
}

TEST_F(Matrix, GoesOnWhereItWasStopped) {
  gray_.stop_after = 5;
  EXPECT_THROW(run(two_by_two()), Error);
  EXPECT_EQ(studio_.count(), 5);

  gray_.stop_after = -1;
  gray_.asked.clear();
  const MatrixReport report = run(two_by_two());

  EXPECT_EQ(report.kept, 5);
  EXPECT_EQ(report.drawn, 7);
  EXPECT_EQ(studio_.count(), 12);
  ASSERT_FALSE(gray_.asked.empty());
  EXPECT_EQ(gray_.asked[0].recipe.prompt, "a cat, as a mosaic");
  EXPECT_EQ(gray_.asked[0].which.first, 2);
  EXPECT_EQ(gray_.asked[0].which.count, 1);
  EXPECT_EQ(run(two_by_two()).drawn, 0);
}

TEST_F(Matrix, DrawsAgainWhatWasDrawnWithOtherSettings) {
  run(two_by_two());
  MatrixRequest finer = two_by_two();
  diffusion_of(finer.settings.recipe).steps = 26;
  EXPECT_EQ(run(finer).drawn, 12);
}

TEST_F(Matrix, FillsGapsInTheMiddle) {
  run(two_by_two());
  for (const PictureRecord& record : studio_.list({.style = "Monet", .subject = "cat", .seed = 2}))
    studio_.set_deleted(record.id);
  gray_.asked.clear();
  EXPECT_EQ(run(two_by_two()).drawn, 1);
  ASSERT_THAT(gray_.asked, SizeIs(1));
  EXPECT_EQ(gray_.asked[0].which.first, 1);
  EXPECT_EQ(gray_.asked[0].which.count, 1);
}

TEST_F(Matrix, EnlargesWhenAsked) {
  MatrixRequest request = two_by_two();
  request.settings.count = 1;
  request.settings.recipe.enlarging = {.factor = 4, .upscaler = "double"};
  Enlarger upscaler;
  upscaler.run = [](const Image& image, double factor, const CancelToken*) {
    const int times = static_cast<int>(factor);
    return Image({image.width() * times, image.height() * times}, 3);
  };
  EXPECT_EQ(run(request, &upscaler).drawn, 4);
  const auto pictures = studio_.list({});
  EXPECT_EQ(pictures[0].width, 64);
  EXPECT_EQ(pictures[0].recipe.size.width, 16);
  EXPECT_EQ(run(request, &upscaler).drawn, 0);
}

TEST_F(Matrix, TellsHowFarItIs) {
  std::vector<int> done;
  draw_matrix(two_by_two(), gray_, nullptr, studio_.records, studio_.files,
              {.on_progress = [&](const MatrixProgress& progress) {
                EXPECT_EQ(progress.total, 12);
                if (done.empty() || done.back() != progress.done) done.push_back(progress.done);
              }});
  EXPECT_THAT(done, ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
}

}  // namespace
}  // namespace easel
