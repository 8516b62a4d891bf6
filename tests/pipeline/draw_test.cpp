// What drawing promises, on the model that ships.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/rng.h"
#include "models.h"
#include "support/compare.h"
#include "support/errors.h"

namespace easel {
namespace {

using testing::Asked;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::message_of;

class Draw : public ::testing::Test {
 protected:
  Asked request(int count = 1) const {
    Asked asked = testing::asked("ship at sea in the style of Van Gogh", {.steps = 4}, 7);
    asked.which.count = count;
    return asked;
  }
  std::vector<DrawnPicture> draw(const Asked& r, const DrawHooks& hooks = {}) {
    return model_.draw(r, hooks);
  }
  Image one(const Asked& r) { return draw(r).at(0).image; }
  std::string refusal(const Asked& r) {
    return message_of(ErrorCode::kUsage, [&] { draw(r); });
  }

  // Numbers of a picture's latent.
  std::size_t latent_size() const {
    const ModelInfo& info = model_.info();
    return static_cast<std::size_t>(info.latent_channels * latent_side() * latent_side());
  }
  int latent_side() const { return model_.info().native_width / model_.info().latent_factor; }

  testing::TestModel model_ = testing::open_default();
};

double spread(const Image& image) {
  double sum = 0, squares = 0;
  for (const std::uint8_t sample : image.samples8()) {
    sum += sample;
    squares += double{static_cast<double>(sample)} * sample;
  }
  const auto n = static_cast<double>(image.samples());
  return std::sqrt(squares / n - sum / n * (sum / n));
}

TEST_F(Draw, GivesAPictureOfTheNativeSizeWithSomethingOnIt) {
  const DrawnPicture picture = draw(testing::asked("rocket in the style of Warhol, pop art")).at(0);
  EXPECT_EQ(picture.image.width(), model_.info().native_width);
  EXPECT_EQ(picture.image.height(), model_.info().native_height);
  EXPECT_GT(spread(picture.image), 20);
}

TEST_F(Draw, TheSameRequestGivesTheSameBytesWhateverWasDrawnBefore) {
  const Image first = one(request());
  Asked other = request();
  other.recipe.prompt = "robot";
  other.recipe.size.width = 96;
  one(other);
  EXPECT_EQ(one(request()), first);
}

TEST_F(Draw, PromptNegativeSeedScaleAndStepsAllMatter) {
  const Image base = one(request());
  Asked changed = request();
  changed.recipe.prompt = "robot as a Byzantine mosaic";
  EXPECT_NE(one(changed), base);
  changed = request();
  changed.recipe.negative = "blue";
  EXPECT_NE(one(changed), base);
  changed = request();
  changed.seed() = 8;
  EXPECT_NE(one(changed), base);
  changed = request();
  changed.how().scale = 3;
  EXPECT_NE(one(changed), base);
  changed = request();
  changed.how().steps = 5;
  EXPECT_NE(one(changed), base);
}

TEST_F(Draw, PictureKOfABatchEqualsThePictureDrawnAlone) {
  for (const int batch : {0, 1, 2, 5}) {
    Asked many = request(5);
    many.which.batch = batch;
    const auto pictures = draw(many);
    ASSERT_EQ(pictures.size(), 5u);
    for (int k : {0, 1, 4}) {
      Asked alone = request();
      alone.seed() += static_cast<std::uint64_t>(k);
      const DrawnPicture& picture = pictures[static_cast<std::size_t>(k)];
      EXPECT_EQ(picture.index, k);
      EXPECT_EQ(picture.seed, alone.seed());
      EXPECT_EQ(picture.image, one(alone)) << "batch " << batch << " picture " << k;
    }
  }
}

TEST_F(Draw, PicturesFromTheMiddleOfARecipeAreThosePictures) {
  DrawingModel& model = *model_;
  Recipe recipe = request().recipe;
  const auto all = draw(request(4));
  const auto some = model.draw(recipe, {.first = 2, .count = 2}, {});
  ASSERT_EQ(some.size(), 2u);
  for (std::size_t k = 0; k < some.size(); ++k) {
    EXPECT_EQ(some[k].index, static_cast<int>(k) + 2);
    EXPECT_EQ(some[k].seed, all[k + 2].seed);
    EXPECT_EQ(some[k].image, all[k + 2].image);
  }
  recipe.seed.shared = SharedGenerator{.iterations = 1, .samples = 2};
  EXPECT_THAT(message_of(ErrorCode::kUsage, [&] { model.draw(recipe, {.first = 1}, {}); }),
              HasSubstr("share a generator"));
}

TEST_F(Draw, AncestralNoiseOfAPictureDoesNotDependOnItsBatch) {
  Asked many = request(3);
  many.how().sampler = "euler-a";
  Asked alone = many;
  alone.which.count = 1;
  alone.seed() += 2;
  EXPECT_EQ(draw(many).at(2).image, one(alone));
}

TEST_F(Draw, AnyNumberOfThreadsGivesTheSameBytes) {
  const auto expected = draw(request(2));
  for (const int threads : {1, 3}) {
    testing::TestModel other = testing::open_default(threads);
    const auto pictures = other.draw(request(2));
    EXPECT_EQ(pictures[0].image, expected[0].image) << threads << " threads";
    EXPECT_EQ(pictures[1].image, expected[1].image) << threads << " threads";
  }
}

TEST_F(Draw, OtherShapesThanTheNativeOneAreDrawn) {
  Asked wide = request();
  wide.recipe.size.width = 96;
  wide.recipe.size.height = 48;
  const Image image = one(wide);
  EXPECT_EQ(image.width(), 96);
  EXPECT_EQ(image.height(), 48);
}

TEST_F(Draw, ReportsEachStepOfEachBatchAndHandsPicturesOverAsTheyAreDone) {
  Asked many = request(3);
  many.which.batch = 2;
  std::vector<std::string> log;
  const DrawHooks hooks{
      .on_noise =
          [&](const DrawStep& start) {
            log.push_back(fmt::format("noise of {}+{}", start.first_picture, start.pictures));
            EXPECT_EQ(start.step, 0);
            std::vector<float> first(start.latents.size() /
                                     static_cast<std::size_t>(start.pictures));
            TorchCpuRng(many.seed() + static_cast<std::uint64_t>(start.first_picture))
                .normal(first);
            EXPECT_TRUE(std::equal(first.begin(), first.end(), start.latents.begin()));
          },
      .on_step =
          [&](const DrawStep& step) {
            log.push_back(fmt::format("step {}/{} of {}+{}", step.step, step.steps,
                                      step.first_picture, step.pictures));
            EXPECT_EQ(step.count, 3);
            EXPECT_EQ(step.latents.size(), static_cast<std::size_t>(step.pictures) * latent_size());
            EXPECT_EQ(step.estimate.size(), step.latents.size());
          },
      .on_picture = [&](DrawnPicture p) { log.push_back(fmt::format("picture {}", p.index)); }};
  many.how().steps = 2;
  EXPECT_TRUE(draw(many, hooks).empty());
  EXPECT_EQ(log, (std::vector<std::string>{"noise of 0+2", "step 1/2 of 0+2", "step 2/2 of 0+2",
                                           "picture 0", "picture 1", "noise of 2+1",
                                           "step 1/2 of 2+1", "step 2/2 of 2+1", "picture 2"}));
}

TEST_F(Draw, StopsWithinOneStepOfBeingCancelled) {
  CancelToken cancel;
  int steps = 0;
  Asked long_one = request();
  long_one.how().steps = 50;
  message_of(ErrorCode::kCancelled, [&] {
    draw(long_one, {.on_step =
                        [&](const DrawStep&) {
                          if (++steps == 3) cancel.cancel();
                        },
                    .cancel = &cancel});
  });
  EXPECT_EQ(steps, 3);
}

TEST_F(Draw, DoesNotBeginWhenAlreadyCancelled) {
  CancelToken cancel;
  cancel.cancel();
  message_of(ErrorCode::kCancelled, [&] { draw(request(), {.cancel = &cancel}); });
}

// What a run gives that is ended after a step of its first batch.
struct Ended {
  std::vector<DrawnPicture> pictures;
  std::vector<float> estimate;
  int steps = 0;
};

Ended ended_at(testing::TestModel& model, const Asked& asked, int last) {
  CancelToken cancel, enough(cancel);
  Ended ended;
  const DrawHooks hooks{
      .on_step =
          [&](const DrawStep& step) {
            ++ended.steps;
            ended.estimate.assign(step.estimate.begin(), step.estimate.end());
            if (ended.steps == last) enough.cancel();
          },
      .on_picture = [&](DrawnPicture p) { ended.pictures.push_back(std::move(p)); },
      .cancel = &cancel,
      .enough = &enough};
  message_of(ErrorCode::kCancelled, [&] { model.draw(asked, hooks); });
  return ended;
}

TEST_F(Draw, KeepsABatchAsFarAsItIsWhereThatIsWanted) {
  Asked many = request(3);
  many.which.batch = 2;
  many.how().steps = 50;
  const Ended ended = ended_at(model_, many, 3);
  EXPECT_EQ(ended.steps, 3);
  ASSERT_EQ(ended.pictures.size(), 2u);  // the second batch was not begun
  const int side = latent_side();
  for (std::size_t i = 0; i < 2; ++i) {
    const DrawnPicture& picture = ended.pictures[i];
    EXPECT_EQ(picture.index, static_cast<int>(i));
    EXPECT_EQ(picture.unfinished, (Reached{.step = 3, .steps = 50}));
    EXPECT_EQ(picture.image.width(), model_.info().native_width);
    const auto mine = std::span(ended.estimate).subspan(i * latent_size(), latent_size());
    const Image expected = image_from_decoded(
        model_.latents().decode(mine, {.height = side, .width = side}), picture.image.size());
    EXPECT_EQ(picture.image, expected);
  }
  EXPECT_EQ(ended_at(model_, many, 3).pictures[1].image, ended.pictures[1].image);
  EXPECT_NE(ended_at(model_, many, 4).pictures[1].image, ended.pictures[1].image);
}

TEST_F(Draw, PicturesWhoseStepsAreDoneAreFinished) {
  Asked two = request(2);
  two.which.batch = 1;
  const Ended ended = ended_at(model_, two, *two.how().steps);
  ASSERT_EQ(ended.pictures.size(), 1u);
  EXPECT_FALSE(ended.pictures[0].unfinished);
  EXPECT_EQ(ended.pictures[0].image, one(request()));
}

TEST_F(Draw, NothingIsKeptOfARunThatHasNotBegunOrIsToStopAtOnce) {
  const CancelToken cancel;
  CancelToken enough(cancel);
  enough.cancel();
  int pictures = 0;
  const auto count = [&](DrawnPicture) { ++pictures; };
  const DrawHooks begun{.on_picture = count, .cancel = &cancel, .enough = &enough};
  message_of(ErrorCode::kCancelled, [&] { draw(request(), begun); });

  CancelToken at_once, later(at_once);
  const DrawHooks stopped{.on_step = [&](const DrawStep&) { at_once.cancel(); },
                          .on_picture = count,
                          .cancel = &at_once,
                          .enough = &later};
  message_of(ErrorCode::kCancelled, [&] { draw(request(), stopped); });
  EXPECT_EQ(pictures, 0);
}

TEST_F(Draw, ScaleOneLeavesTheUnconditionalHalfOut) {
  Asked plain = request();
  plain.how().scale = 1;
  Asked with_negative = plain;
  with_negative.recipe.negative = "blue";
  EXPECT_EQ(one(plain), one(with_negative));
}

TEST_F(Draw, OneGeneratorConsumesNoiseAsTheOriginalScriptDoes) {
  // Two batches of two, DDIM: the batch's start noise as one tensor, then a draw at each update.
  Asked script = request();
  script.how().sampler = "ddim";
  script.recipe.seed.shared = SharedGenerator{.iterations = 2, .samples = 2};
  script.which = pictures_of(*script.recipe.seed.shared);
  const auto pictures = draw(script);

  TorchCpuRng rng(script.seed());
  std::vector<float> noise(2 * latent_size());
  for (int batch = 0; batch < 2; ++batch) {
    rng.normal(noise);
    testing::GivenNoise given({noise});
    Asked pair = request(2);
    pair.how().sampler = "ddim";
    const auto expected = draw(pair, {.noise = &given});
    for (std::size_t i = 0; i < 2; ++i) {
      EXPECT_EQ(pictures[static_cast<std::size_t>(2 * batch) + i].image, expected[i].image);
    }
    for (int step = 0; step < 4; ++step) rng.normal(noise);
  }
}

TEST_F(Draw, LittleMemoryMakesPassesSmallerAndChangesNoByte) {
  Asked single = request(4);
  single.which.batch = 1;
  const std::int64_t least = model_.memory_needed(single);
  ASSERT_LT(least, model_.memory_needed(request(4)));
  testing::TestModel small(
      {.path = testing::default_model()},
      {.backend = testing::options_of(testing::usual_backend()), .memory_limit = least});
  const auto expected = draw(request(4)), pictures = small.draw(request(4));
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(pictures[i].image, expected[i].image);
}

TEST_F(Draw, DenoiserThatMakesWayForTheDecoderChangesNoByte) {
  testing::TestModel once(
      {.path = testing::default_model()},
      {.backend = testing::options_of(testing::usual_backend()), .keep_denoiser = false});
  Asked batches = request(3);
  batches.which.batch = 2;
  const auto expected = draw(batches);
  for (int time = 0; time < 2; ++time) {  // and it is read again where more is asked for
    const auto pictures = once.draw(batches);
    ASSERT_EQ(pictures.size(), 3u);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(pictures[i].image, expected[i].image);
  }
}

TEST_F(Draw, TooLittleMemoryIsRefusedWithBothNumbersBeforeAnythingIsRead) {
  testing::TestModel small(
      {.path = testing::default_model()},
      {.backend = testing::options_of(testing::usual_backend()), .memory_limit = 1'000'000});
  const std::string needed = std::to_string(model_.memory_needed(request()));
  const std::string message = message_of(ErrorCode::kNoMemory, [&] { small.draw(request()); });
  EXPECT_THAT(message, HasSubstr(needed));
  EXPECT_THAT(message, HasSubstr("1000000 bytes"));
}

TEST_F(Draw, SecondPromptFitsWhereTheFirstDid) {
  Asked single = request();
  testing::TestModel tight({.path = testing::default_model()},
                           {.backend = testing::options_of(testing::usual_backend()),
                            .memory_limit = model_.memory_needed(single)});
  tight.draw(single);
  single.recipe.prompt = "robot";
  EXPECT_EQ(tight.draw(single).at(0).image, one(single));
}

TEST_F(Draw, VariationTurnsTheNoiseFromOneSeedToAnother) {
  Asked varied = request();
  const Image own = one(varied);
  varied.recipe.seed.variation = Variation{.seed = 99, .strength = 0};
  EXPECT_EQ(one(varied), own);
  varied.recipe.seed.variation->strength = 0.3;
  EXPECT_NE(one(varied), own);
  Asked many = varied;
  many.which.count = 2;
  const auto neighbours = draw(many);
  EXPECT_EQ(neighbours[0].image, one(varied));
  EXPECT_EQ(neighbours[1].seed, varied.seed());
  EXPECT_NE(neighbours[1].image, neighbours[0].image);
}

TEST_F(Draw, ReleasingAndLoadingAgainChangesNothing) {
  const Image before = one(request());
  model_.release();
  EXPECT_EQ(one(request()), before);
}

TEST_F(Draw, PreviewIsCloserToThePictureThanItsMeanColour) {
  Asked asked = request();
  asked.how().steps = 15;
  asked.which.keep_latents = true;
  const DrawnPicture picture = draw(asked).at(0);
  const int side = latent_side(), factor = model_.info().latent_factor;
  const Image preview = model_.fit_preview().render(picture.latent, side, side);
  double error = 0, variance = 0;
  double means[3] = {0, 0, 0};
  const auto at = [&](int x, int y, int k) {
    double sum = 0;
    for (int i = 0; i < factor * factor; ++i) {
      const auto row = picture.image.row8(factor * y + i / factor);
      sum += row[static_cast<std::size_t>((factor * x + i % factor) * 3 + k)];
    }
    return sum / (factor * factor);
  };
  const int values = 3 * side * side;
  for (int i = 0; i < values; ++i) {
    means[i % 3] += at(i / 3 % side, i / (3 * side), i % 3) / (side * side);
  }
  for (int i = 0; i < values; ++i) {
    const int x = i / 3 % side, y = i / (3 * side), k = i % 3;
    const double seen = preview.row8(y)[static_cast<std::size_t>(x * 3 + k)];
    error += (seen - at(x, y, k)) * (seen - at(x, y, k));
    variance += (means[k] - at(x, y, k)) * (means[k] - at(x, y, k));
  }
  EXPECT_LT(error, 0.6 * variance);
}

TEST_F(Draw, EncoderAndDecoderAreEachOthersInverseAsFarAsTheyGo) {
  Asked asked = request();
  asked.how().steps = 15;
  const Image picture = one(asked);
  const int width = picture.width(), height = picture.height();
  const std::vector<float> latent = model_.encode_picture(picture);
  const std::vector<float> decoded = model_.decode(latent, 1, latent_side(), latent_side());
  double error = 0;
  for (int i = 0; i < width * height * 3; ++i) {
    const double wanted = picture.row8(i / (3 * width))[static_cast<std::size_t>(i % (3 * width))];
    const double seen =
        127.5 * (decoded[static_cast<std::size_t>(i % 3 * width * height + i / 3)] + 1);
    error += (seen - wanted) * (seen - wanted) / (width * height * 3);
  }
  EXPECT_GT(10 * std::log10(255 * 255 / error), 14);  // dB
}

TEST_F(Draw, RefusesSizesThatDoNotFitAndNamesTheNearestThatDo) {
  Asked wrong = request();
  wrong.recipe.size.width = 100;
  EXPECT_THAT(refusal(wrong), HasSubstr("the width is 100, wanted a multiple of 8"));
  EXPECT_THAT(refusal(wrong), HasSubstr("96 and 104"));
  wrong = request();
  wrong.recipe.size.height = -64;
  EXPECT_THAT(refusal(wrong), HasSubstr("the height is -64"));
  wrong.recipe.size.height = 1 << 30;
  EXPECT_THAT(refusal(wrong), HasSubstr("wanted 1 to 2048"));
}

TEST_F(Draw, RefusesStepsSamplersAndNumbersOutOfRange) {
  Asked wrong = request();
  for (const int steps : {0, -1, 1001}) {
    wrong.how().steps = steps;
    EXPECT_THAT(refusal(wrong), HasSubstr(std::to_string(steps)));
  }
  wrong = request();
  wrong.how().sampler = "eulr";
  EXPECT_THAT(refusal(wrong), HasSubstr("euler"));
  wrong = request();
  for (const double scale : {std::numeric_limits<double>::quiet_NaN(), -101.0, 1e308}) {
    wrong.how().scale = scale;
    EXPECT_THAT(refusal(wrong), HasSubstr("the guidance scale is"));
  }
  wrong = request();
  wrong.how().sampler = "plms";
  wrong.how().eta = 0.5;
  EXPECT_THAT(refusal(wrong), HasSubstr("eta"));
  wrong.how().eta = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(refusal(wrong), HasSubstr("eta"));
  wrong = request();
  wrong.recipe.seed.rng = "philox";
  EXPECT_THAT(refusal(wrong), HasSubstr("torch-cpu"));
  wrong = request();
  wrong.which.count = 0;
  EXPECT_THAT(refusal(wrong), HasSubstr("the number of pictures is 0"));
}

TEST_F(Draw, SaysWhenAPromptIsTooLongOrThePlanDiffers) {
  std::vector<std::string> notes;
  Asked asked = request();
  asked.how().sampler = "ddim";
  asked.how().steps = 30;
  asked.recipe.prompt =
      "rocket robot ship city rocket robot ship city rocket "
      "robot ship city rocket robot ship city rocket robot ship city rocket robot";
  for (int i = 0; i < 40; ++i) asked.recipe.prompt += " rocket";
  CancelToken cancel;
  const DrawHooks hooks{.on_step = [&](const DrawStep&) { cancel.cancel(); },
                        .on_note = [&](const std::string& note) { notes.push_back(note); },
                        .cancel = &cancel};
  message_of(ErrorCode::kCancelled, [&] { draw(asked, hooks); });
  ASSERT_EQ(notes.size(), 2u);
  EXPECT_THAT(notes[0], HasSubstr("the prompt is longer than the model reads"));
  EXPECT_THAT(notes[1], HasSubstr("31"));
}

// models/default has a thesaurus beside its vocabulary.
TEST_F(Draw, WordsThatTheModelWasNotTaughtAreDrawnAsKnownOnesOrLeftOutAndSaid) {
  const auto told = [&](const std::string& prompt) {
    Asked asked = request();
    asked.recipe.prompt = prompt;
    std::vector<std::string> notes;
    DrawHooks hooks;
    hooks.on_note = [&](const std::string& note) { notes.push_back(note); };
    const Image image = draw(asked, hooks).at(0).image;
    return std::pair(std::vector<std::uint8_t>(image.samples8().begin(), image.samples8().end()),
                     notes);
  };
  const auto [dog, none] = told("a dog");
  EXPECT_THAT(none, IsEmpty());
  const auto [dachshund, taken] = told("a dachshund");
  EXPECT_EQ(dachshund, dog);
  EXPECT_THAT(taken, ElementsAre(HasSubstr("'dachshund' as 'dog'")));
  const auto [german, foreign] = told("Ein Hund");
  EXPECT_EQ(german, told("dog").first);
  EXPECT_THAT(foreign, ElementsAre(HasSubstr("'hund' as 'dog'")));
  const auto [without, left_out] = told("a dog xylophone");
  EXPECT_EQ(without, dog);
  EXPECT_THAT(left_out, ElementsAre(HasSubstr("does not know 'xylophone'")));
}

}  // namespace
}  // namespace easel
