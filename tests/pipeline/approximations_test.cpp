// What may be left out of a run for speed, on the embedded model.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models.h"
#include "support/compare.h"
#include "support/errors.h"

namespace easel {
namespace {

using ::testing::HasSubstr;
using testing::message_of;

TextToImage open_default(int threads = 2) {
  return {{.path = testing::default_model()},
          {.backend = testing::options_of(testing::usual_backend(), threads)}};
}

class Approximations : public ::testing::Test {
 protected:
  void SetUp() override { EASEL_NEEDS_SHARED(testing::default_model()); }

  static DrawRequest request(int count = 1) {
    return {.prompt = "ship at sea in the style of Van Gogh",
            .steps = 6,
            .seed = 7,
            .count = count,
            .keep_latents = true};
  }
  DrawnPicture one(const DrawRequest& r) { return model_.draw(r).at(0); }
  /// The estimate after each step.
  std::vector<std::vector<float>> estimates(const DrawRequest& r) {
    std::vector<std::vector<float>> all;
    model_.draw(r, {.on_step = [&](const DrawStep& step) {
                  all.emplace_back(step.estimate.begin(), step.estimate.end());
                }});
    return all;
  }

  TextToImage model_ = open_default();
};

TEST_F(Approximations, GuidanceIntervalOfTheWholeRunChangesNoByte) {
  DrawRequest asked = request();
  const DrawnPicture exact = one(asked);
  asked.guidance_interval = {.from = 0, .to = 1};
  EXPECT_EQ(one(asked).latent, exact.latent);
}

TEST_F(Approximations, OutsideItsIntervalGuidanceIsScaleOne) {
  // Euler's first step knows no history: unguided up to the middle, it is that of scale 1.
  DrawRequest late = request();
  late.sampler = "euler";
  late.guidance_interval = {.from = 0.5, .to = 1};
  DrawRequest unguided = late;
  unguided.guidance_interval = {};
  unguided.scale = 1;
  const auto found = estimates(late), plain = estimates(unguided);
  for (std::size_t step = 0; step < 3; ++step) EXPECT_EQ(found[step], plain[step]) << step;
  EXPECT_NE(found[3], plain[3]);
}

TEST_F(Approximations, GuidanceThatEndsEarlyIsTheExactRunUntilThen) {
  DrawRequest early = request();
  early.guidance_interval = {.from = 0, .to = 0.5};
  const auto found = estimates(early), exact = estimates(request());
  for (std::size_t step = 0; step < 3; ++step) EXPECT_EQ(found[step], exact[step]) << step;
  EXPECT_NE(found[3], exact[3]);
}

TEST_F(Approximations, BadGuidanceIntervalIsRefused) {
  for (const GuidanceInterval bad : {GuidanceInterval{-0.1, 1}, {0.5, 0.5}, {0.8, 0.2}, {0, 1.5}}) {
    DrawRequest asked = request();
    asked.guidance_interval = bad;
    EXPECT_THAT(message_of(ErrorCode::kUsage, [&] { model_.draw(asked); }),
                HasSubstr("the guidance interval is"));
  }
}

}  // namespace
}  // namespace easel
