// Pictures that begin at another one, on the model that ships.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "image/mask.h"
#include "image/pillow_resize.h"
#include "models.h"
#include "pipeline/editing/latent_mask.h"
#include "pipeline/editing/latent_resize.h"
#include "support/compare.h"
#include "support/errors.h"

namespace easel {
namespace {

using testing::Asked;
using ::testing::HasSubstr;
using testing::message_of;

double mean_difference(const Image& a, const Image& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.samples(); ++i) {
    sum += std::abs(int{a.samples8()[i]} - int{b.samples8()[i]});
  }
  return sum / static_cast<double>(a.samples());
}

class Edit : public ::testing::Test {
 protected:
  Edit() {
    Asked first = testing::asked("red rocket", {.steps = 8}, 3);
    given_.init = model_.draw(first).at(0).image;
  }

  // Begins at the first picture.
  Asked request(double strength, int count = 1) const {
    Asked asked = testing::asked("blue whale", {.steps = 4}, 7);
    asked.which.count = count;
    asked.how().editing = {.init = {.sha256 = "of the first picture"}, .strength = strength};
    return asked;
  }
  // Its right half is drawn anew.
  void give_mask(int softness = 0) {
    Image mask(given_.init.size(), 1);
    for (int y = 0; y < mask.height(); ++y) {
      for (int x = mask.width() / 2; x < mask.width(); ++x) {
        mask.row8(y)[static_cast<std::size_t>(x)] = 255;
      }
    }
    given_.mask = blurred(mask, softness);
  }
  Asked masked(double strength) {
    give_mask();
    Asked asked = request(strength);
    asked.how().editing.masking = {.mask = {.sha256 = "of the mask"}, .blur = 0};
    return asked;
  }
  std::vector<DrawnPicture> draw(const Asked& r, testing::TestModel& model) {
    return model.draw(r, {.given = &given_});
  }
  Image one(const Asked& r) { return draw(r, model_).at(0).image; }
  std::string refusal(const Asked& r) {
    return message_of(ErrorCode::kUsage, [&] { one(r); });
  }

  static testing::TestModel open(int threads) {
    return {{.path = testing::default_model()},
            {.backend = testing::options_of(testing::usual_backend(), threads)}};
  }

  testing::TestModel model_ = open(2);
  GivenPixels given_;
};

TEST_F(Edit, StrengthNoughtIsThePictureThroughTheAutoencoder) {
  const Image again = one(request(0));
  const std::vector<float> latent = model_.encode_picture(given_.init);
  const int side = given_.init.width() / model_.info().latent_factor;
  std::vector<float> decoded =
      (*model_).latents()->decode(latent, {.count = 1, .height = side, .width = side});
  EXPECT_EQ(again, image_from_decoded(decoded, given_.init.size()));
}

TEST_F(Edit, ChangesMoreTheStrongerItIs) {
  const double weak = mean_difference(one(request(0.25)), given_.init);
  const double strong = mean_difference(one(request(1)), given_.init);
  EXPECT_LT(weak, strong);
}

TEST_F(Edit, SameBytesForAnyThreadsAndBatch) {
  Asked asked = masked(0.75);
  asked.how().editing.masking.content = "noise";
  asked.which.count = 3;
  testing::TestModel alone = open(1);
  const auto together = draw(asked, model_);
  asked.which.batch = 1;
  const auto apart = draw(asked, alone);
  ASSERT_EQ(together.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(together[i].image, apart[i].image) << i;
  EXPECT_NE(together[0].image, together[1].image);
}

TEST_F(Edit, WhatIsNotMaskedKeepsItsBytes) {
  const Image edited = one(masked(1));
  const auto half = static_cast<std::size_t>(3 * given_.init.width() / 2);
  double changed = 0;
  for (int y = 0; y < edited.height(); ++y) {
    const std::span<const std::uint8_t> now = edited.row8(y), before = given_.init.row8(y);
    ASSERT_TRUE(std::ranges::equal(now.first(half), before.first(half))) << y;
    for (std::size_t i = half; i < now.size(); ++i) changed += std::abs(now[i] - before[i]);
  }
  EXPECT_GT(changed, 0);
}

TEST_F(Edit, AMaskOfNothingChangesNothing) {
  Asked asked = masked(1);
  given_.mask = Image(given_.init.size(), 1);
  EXPECT_EQ(one(asked), given_.init);
}

TEST_F(Edit, AnInvertedMaskIsTheOtherHalf) {
  Asked asked = masked(1);
  asked.how().editing.masking.invert = true;
  const Image edited = one(asked);
  const auto half = static_cast<std::size_t>(3 * given_.init.width() / 2);
  EXPECT_TRUE(std::ranges::equal(edited.row8(5).subspan(half), given_.init.row8(5).subspan(half)));
  EXPECT_NE(edited, given_.init);
}

TEST_F(Edit, TransparencyIsTheMaskWhereNoneIsGiven) {
  const Asked asked = masked(1);
  const Image by_mask = one(asked);
  Image clear(given_.init.size(), 4);
  for (std::size_t i = 0; i < given_.mask->samples(); ++i) {
    for (std::size_t c = 0; c < 3; ++c) {
      clear.samples8()[4 * i + c] = given_.init.samples8()[3 * i + c];
    }
    clear.samples8()[4 * i + 3] = static_cast<std::uint8_t>(255 - given_.mask->samples8()[i]);
  }
  const Image hidden = to_rgb8(clear);  // its transparent half is white then
  given_ = {.init = clear, .mask = std::nullopt};
  Asked alpha = asked;
  alpha.how().editing.masking.mask = {};
  const Image by_alpha = one(alpha);
  const auto half = static_cast<std::size_t>(3 * hidden.width() / 2);
  EXPECT_TRUE(std::ranges::equal(by_alpha.row8(9).first(half), hidden.row8(9).first(half)));
  EXPECT_NE(by_alpha, hidden);
}

TEST_F(Edit, EachContentOfTheMaskGivesAnotherPicture) {
  std::vector<Image> drawn;
  for (const char* content : {"original", "fill", "noise", "nothing"}) {
    Asked asked = masked(0.6);
    asked.how().editing.masking.content = content;
    drawn.push_back(one(asked));
    for (std::size_t i = 0; i + 1 < drawn.size(); ++i) EXPECT_NE(drawn[i], drawn.back()) << content;
  }
}

TEST_F(Edit, OnlyMaskedDrawsThatPartAndKeepsTheRest) {
  Image large = resize_as_pillow(given_.init, {400, 300}, PillowFilter::kLanczos);
  Image mask(large.size(), 1);
  for (int y = 100; y < 150; ++y) {
    for (int x = 200; x < 260; ++x) mask.row8(y)[static_cast<std::size_t>(x)] = 255;
  }
  given_ = {.init = large, .mask = mask};
  Asked asked = request(1);
  asked.how().editing.masking = {
      .mask = {.sha256 = "of the mask"}, .blur = 0, .only_masked = true, .padding = 16};
  const Image edited = one(asked);
  ASSERT_EQ(edited.size(), large.size());
  for (int y = 0; y < 300; ++y) {
    for (int x = 0; x < 400; ++x) {
      if (mask.row8(y)[static_cast<std::size_t>(x)] != 0) continue;
      for (std::size_t c = 0; c < 3; ++c) {
        const std::size_t at = 3 * static_cast<std::size_t>(x) + c;
        ASSERT_EQ(edited.row8(y)[at], large.row8(y)[at]) << x << ", " << y;
      }
    }
  }
  EXPECT_NE(edited, large);
  given_.mask = Image(large.size(), 1);
  EXPECT_THAT(refusal(asked), HasSubstr("black everywhere"));
}

TEST_F(Edit, ExtendingKeepsThePictureAndDrawsBesideIt) {
  const int side = given_.init.width();
  const int more = model_.info().size_multiple;
  Asked asked = request(0.9);
  asked.recipe.size = {.width = side + more, .height = side};
  asked.how().editing.extend = {.left = more};
  asked.how().editing.masking.blur = 0;
  const Image wide = one(asked);
  ASSERT_EQ(wide.size(), (Image::Size{side + more, side}));
  EXPECT_EQ(cropped(wide, {.x = more, .width = side, .height = side}), given_.init);
  asked.recipe.size.width = more;
  EXPECT_THAT(refusal(asked), HasSubstr("leave nothing of the picture"));
}

TEST_F(Edit, EachResizeModeBringsAnotherPart) {
  given_.init = resize_as_pillow(given_.init, {160, 96}, PillowFilter::kLanczos);
  std::vector<Image> drawn;
  for (const char* mode : {"crop", "pad", "stretch"}) {
    Asked asked = request(0);
    asked.how().editing.resize_mode = mode;
    drawn.push_back(one(asked));
    for (std::size_t i = 0; i + 1 < drawn.size(); ++i) EXPECT_NE(drawn[i], drawn.back()) << mode;
  }
}

TEST_F(Edit, ASecondPassIsLargerAndTheSameInEveryBatch) {
  Asked asked = testing::asked("blue whale", {.steps = 3}, 7);
  asked.how().second_pass = {.scale = 1.5, .strength = 0.5};
  asked.which.count = 2;
  const auto together = model_.draw(asked);
  const int side = 3 * model_.info().native_width / 2;
  ASSERT_EQ(together.at(0).image.size(), (Image::Size{side, side}));
  asked.which = {.first = 1, .count = 1, .batch = 1};
  EXPECT_EQ(model_.draw(asked).at(0).image, together.at(1).image);
  asked.how().second_pass.upscaler = "lanczos";
  EXPECT_NE(model_.draw(asked).at(0).image, together.at(1).image);
  int asked_to_enlarge = 0;
  asked.how().second_pass.upscaler = "one that the caller has";
  model_.draw(asked, {.enlarge = [&](const Image& image, Image::Size size) {
                ++asked_to_enlarge;
                return resize_as_pillow(image, size, PillowFilter::kBicubic);
              }});
  EXPECT_EQ(asked_to_enlarge, 1);
}

TEST_F(Edit, RefusesWhatMeansNothing) {
  EXPECT_THAT(refusal(request(1.5)), HasSubstr("the strength is 1.5, wanted 0 to 1"));
  Asked asked = request(0.5);
  asked.how().editing.resize_mode = "squeeze";
  EXPECT_THAT(refusal(asked), HasSubstr("'squeeze', wanted one of crop, pad, stretch"));
  asked = masked(0.5);
  given_.mask.reset();
  EXPECT_THAT(refusal(asked), HasSubstr("the mask (of the mask) was not given"));
  asked = request(0.5);
  asked.how().second_pass.scale = 2;
  EXPECT_THAT(refusal(asked), HasSubstr("second pass"));
  given_.init = {};
  EXPECT_THAT(refusal(request(0.5)), HasSubstr("was not given"));
}

TEST_F(Edit, WithoutAPictureItsSettingsMeanNothing) {
  Asked asked = testing::asked("blue whale", {.steps = 2}, 7);
  const Image plain = model_.draw(asked).at(0).image;
  asked.how().editing.strength = 0.3;
  EXPECT_EQ(model_.draw(asked).at(0).image, plain);
}

TEST(LatentMask, IsOneWhereMostOfItsPixelsAreMasked) {
  Image mask({16, 8}, 1);
  for (int y = 0; y < 8; ++y) std::ranges::fill(mask.row8(y).subspan(8), std::uint8_t{255});
  EXPECT_EQ(latent_mask(mask, 8), (std::vector<float>{0, 1}));
}

// torch.nn.functional.interpolate of [0, 1, 2, 3] to six values.
TEST(LatentResize, IsTorchs) {
  const std::vector<float> row = {0, 1, 2, 3};
  const LatentCodec::Size from{.count = 1, .height = 1, .width = 4};
  const LatentCodec::Size to{.count = 1, .height = 1, .width = 6};
  const auto near = [](std::vector<float> values) {
    return ::testing::Pointwise(::testing::FloatNear(1e-5f), std::move(values));
  };
  EXPECT_THAT(resize_latents(row, from, to, LatentResampling::kNearest), near({0, 0, 1, 2, 2, 3}));
  EXPECT_THAT(resize_latents(row, from, to, LatentResampling::kBilinear),
              near({0, 0.5f, 1.1666667f, 1.8333333f, 2.5f, 3}));
  EXPECT_EQ(resize_latents(row, from, from, LatentResampling::kBicubic), row);
}

}  // namespace
}  // namespace easel
