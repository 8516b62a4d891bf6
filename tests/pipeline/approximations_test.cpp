// What may be left out of a run for speed, on the embedded model.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "diffusion/samplers.h"
#include "models.h"
#include "support/compare.h"
#include "support/errors.h"

namespace easel {
namespace {

using testing::Asked;
using ::testing::HasSubstr;
using testing::message_of;

class Approximations : public ::testing::Test {
 protected:
  static Asked request(int count = 1) {
    Asked asked = testing::asked("ship at sea in the style of Van Gogh", {.steps = 6}, 7);
    asked.which = {.count = count, .keep_latents = true};
    return asked;
  }
  DrawnPicture one(const Asked& r) { return model_.draw(r).at(0); }
  /// The estimate after each step.
  std::vector<std::vector<float>> estimates(const Asked& r) {
    std::vector<std::vector<float>> all;
    model_.draw(r, {.on_step = [&](const DrawStep& step) {
                  all.emplace_back(step.estimate.begin(), step.estimate.end());
                }});
    return all;
  }

  testing::TestModel model_ = testing::open_default();
};

TEST_F(Approximations, GuidanceIntervalOfTheWholeRunChangesNoByte) {
  Asked asked = request();
  const DrawnPicture exact = one(asked);
  asked.how().guidance_interval = {.from = 0, .to = 1};
  EXPECT_EQ(one(asked).latent, exact.latent);
}

TEST_F(Approximations, OutsideItsIntervalGuidanceIsScaleOne) {
  // Euler's first step knows no history: unguided up to the middle, it is that of scale 1.
  Asked late = request();
  late.how().sampler = "euler";
  late.how().guidance_interval = {.from = 0.5, .to = 1};
  Asked unguided = late;
  unguided.how().guidance_interval = {};
  unguided.how().scale = 1;
  const auto found = estimates(late), plain = estimates(unguided);
  for (std::size_t step = 0; step < 3; ++step) EXPECT_EQ(found[step], plain[step]) << step;
  EXPECT_NE(found[3], plain[3]);
}

TEST_F(Approximations, GuidanceThatEndsEarlyIsTheExactRunUntilThen) {
  Asked early = request();
  early.how().guidance_interval = {.from = 0, .to = 0.5};
  const auto found = estimates(early), exact = estimates(request());
  for (std::size_t step = 0; step < 3; ++step) EXPECT_EQ(found[step], exact[step]) << step;
  EXPECT_NE(found[3], exact[3]);
}

TEST_F(Approximations, BadGuidanceIntervalIsRefused) {
  for (const GuidanceInterval bad : {GuidanceInterval{-0.1, 1}, {0.5, 0.5}, {0.8, 0.2}, {0, 1.5}}) {
    Asked asked = request();
    asked.how().guidance_interval = bad;
    EXPECT_THAT(message_of(ErrorCode::kUsage, [&] { model_.draw(asked); }),
                HasSubstr("the guidance interval is"));
  }
}

TEST_F(Approximations, DeepLevelsAreComputedAtStepsZeroNTwoN) {
  Asked asked = request();
  asked.how().sampler = "euler";
  Asked cached = asked;
  cached.how().deep_cache.every = 3;
  const auto found = estimates(cached), exact = estimates(asked);
  EXPECT_EQ(found[0], exact[0]);
  for (std::size_t step = 1; step < 6; ++step) EXPECT_NE(found[step], exact[step]) << step;
  // What is left out is not much of the picture.
  EXPECT_LT(testing::relative_rms(found[5], exact[5]), 0.5);
}

TEST_F(Approximations, PictureKOfABatchEqualsThePictureDrawnAloneWithEverySampler) {
  for (const Sampler& sampler : samplers()) {
    Asked many = request(3);
    many.how().sampler = sampler.id;
    many.how().deep_cache.every = 2;
    many.how().guidance_interval = {.from = 0.3, .to = 0.7};  // begins and ends between deep steps
    Asked alone = many;
    alone.which.count = 1;
    alone.seed() += 2;
    const DrawnPicture expected = one(alone);
    for (const int batch : {1, 2, 3}) {
      many.which.batch = batch;
      EXPECT_EQ(model_.draw(many).at(2).latent, expected.latent) << sampler.id << ", " << batch;
    }
  }
}

TEST_F(Approximations, AnyNumberOfThreadsAndAnyHistoryGiveTheSameBytes) {
  Asked asked = request(2);
  asked.how().deep_cache.every = 3;
  asked.how().guidance_interval = {.from = 0.1, .to = 0.8};
  const auto expected = model_.draw(asked);
  one(request());
  EXPECT_EQ(model_.draw(asked).at(1).latent, expected.at(1).latent);
  for (const int threads : {1, 3}) {
    testing::TestModel other = testing::open_default(threads);
    EXPECT_EQ(other.draw(asked).at(1).latent, expected.at(1).latent) << threads;
  }
}

TEST_F(Approximations, PassesOfOneBatchKeepTheirDeepLevelsApart) {
  // The original's noise draws the batch as a whole, but little memory sends it through in parts.
  Asked asked = request(4);
  asked.recipe.seed.shared = SharedGenerator{.iterations = 1, .samples = 4};
  asked.how().deep_cache.every = 2;
  Asked single = request();
  single.how().deep_cache.every = 2;
  single.which.batch = 4;
  testing::TestModel tight({.path = testing::default_model()},
                           {.backend = testing::options_of(testing::usual_backend()),
                            .memory_limit = model_.memory_needed(single)});
  const auto expected = model_.draw(asked), pictures = tight.draw(asked);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(pictures[i].latent, expected[i].latent) << i;
}

TEST_F(Approximations, StepsOfTwoEvaluationsAreWhollyDeepOrWhollyNot) {
  // Heun's first step asks twice, and both answers are exact.
  Asked asked = request();
  asked.how().sampler = "heun";
  Asked cached = asked;
  cached.how().deep_cache.every = 3;
  EXPECT_EQ(estimates(cached)[0], estimates(asked)[0]);
}

TEST_F(Approximations, SayWhichShareOfTheOperationsWasRun) {
  const auto share = [&](const Asked& r) {
    double computed = 0;
    model_.draw(r, {.on_step = [&](const DrawStep& step) { computed = step.computed; }});
    return computed;
  };
  Asked asked = request();
  EXPECT_DOUBLE_EQ(share(asked), 1);
  asked.how().deep_cache.every = 6;
  const double first_of_six = share(asked);
  asked.how().deep_cache.every = 3;  // two steps of six
  const double two_of_six = share(asked);
  EXPECT_GT(first_of_six, 1.0 / 6);
  EXPECT_LT(two_of_six, 1);
  // Every deep step costs the same.
  EXPECT_NEAR(two_of_six - first_of_six, (1 - first_of_six) / 5, 1e-12);
  asked.how().deep_cache.every = 1;
  asked.how().guidance_interval = {.from = 0, .to = 0.5};
  const double half = share(asked);
  EXPECT_GT(half, 0.75);  // what both halves share is computed in any case
  EXPECT_LT(half, 0.8);
}

TEST_F(Approximations, BadNumberOfDeepStepsIsRefused) {
  for (const int bad : {-1, 0, 101}) {
    Asked asked = request();
    asked.how().deep_cache.every = bad;
    EXPECT_THAT(message_of(ErrorCode::kUsage, [&] { model_.draw(asked); }),
                HasSubstr(std::to_string(bad) + ", wanted 1 to 100"));
  }
}

}  // namespace
}  // namespace easel
