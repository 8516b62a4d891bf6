// What editing does to pixels: parts, masks, and Pillow's resize.

#include <gtest/gtest.h>

#include <vector>

#include "image/mask.h"
#include "image/pillow_resize.h"
#include "image/region.h"

namespace easel {
namespace {

Image gray_of(Image::Size size, const std::vector<int>& values) {
  Image image(size, 1);
  for (std::size_t i = 0; i < values.size(); ++i) {
    image.samples8()[i] = static_cast<std::uint8_t>(values[i]);
  }
  return image;
}

std::vector<int> values_of(const Image& image) {
  return {image.samples8().begin(), image.samples8().end()};
}

// Computed by Pillow 9.4.
TEST(PillowResize, IsPillowsToTheLastBit) {
  const Image image = gray_of({7, 5}, {0,   48,  118, 210, 68,  204, 106, 30,  232, 200, 190, 202,
                                       236, 36,  114, 214, 80,  224, 134, 66,  20,  252, 250, 14,
                                       56,  120, 206, 58,  188, 84,  2,   198, 160, 144, 150});
  EXPECT_EQ(values_of(resize_as_pillow(image, {3, 4}, PillowFilter::kBilinear)),
            (std::vector<int>{73, 159, 144, 152, 183, 118, 179, 114, 105, 128, 120, 146}));
  EXPECT_EQ(values_of(resize_as_pillow(image, {3, 4}, PillowFilter::kBicubic)),
            (std::vector<int>{63, 161, 148, 150, 198, 114, 187, 102, 102, 126, 113, 155}));
  EXPECT_EQ(values_of(resize_as_pillow(image, {9, 6}, PillowFilter::kLanczos)),
            (std::vector<int>{1,   20,  63,  146, 212, 76,  133, 187, 101, 7,   127, 213, 185, 187,
                              163, 242, 189, 43,  54,  190, 208, 149, 233, 197, 152, 76,  11,  177,
                              234, 147, 42,  147, 123, 115, 77,  18,  244, 229, 110, 2,   75,  114,
                              197, 172, 77,  188, 128, 4,   38,  208, 185, 138, 143, 156}));
}

TEST(Region, RepeatsEdgesOrMirrorsBeyondAPicture) {
  const Image row = gray_of({3, 1}, {1, 2, 3});
  EXPECT_EQ(values_of(cropped(row, {.x = -2, .width = 7, .height = 1})),
            (std::vector<int>{1, 1, 1, 2, 3, 3, 3}));
  EXPECT_EQ(values_of(mirrored(row, {.x = -3, .width = 9, .height = 1})),
            (std::vector<int>{2, 3, 2, 1, 2, 3, 2, 1, 2}));
  EXPECT_EQ(values_of(mirrored(gray_of({1, 1}, {7}), {.x = -1, .width = 3, .height = 1})),
            (std::vector<int>{7, 7, 7}));
}

TEST(Region, BlendsWhatTheMaskSaysAndKeepsTheRestToTheByte) {
  const Image under = gray_of({4, 1}, {10, 20, 30, 40}),
              over = gray_of({4, 1}, {110, 120, 130, 140});
  EXPECT_EQ(values_of(blended(under, over, gray_of({4, 1}, {0, 255, 128, 1}))),
            (std::vector<int>{10, 120, 80, 40}));
}

TEST(Mask, IsHowLightAPictureIsAndWhereItIsTransparent) {
  Image picture({2, 1}, 4);
  const std::vector<int> samples = {255, 255, 255, 255, 255, 255, 255, 55};
  for (std::size_t i = 0; i < samples.size(); ++i) {
    picture.samples8()[i] = static_cast<std::uint8_t>(samples[i]);
  }
  EXPECT_EQ(values_of(*transparency_of(picture)), (std::vector<int>{0, 200}));
  EXPECT_EQ(values_of(mask_of(picture)), (std::vector<int>{255, 55}));
  picture.samples8()[7] = 255;
  EXPECT_FALSE(transparency_of(picture));
}

TEST(Mask, GrowsSoftensAndHasBounds) {
  Image mask({9, 9}, 1);
  mask.row8(4)[4] = 255;
  EXPECT_EQ(bounds_of(mask), (Rect{.x = 4, .y = 4, .width = 1, .height = 1}));
  EXPECT_EQ(bounds_of(widened(mask, 2)), (Rect{.x = 2, .y = 2, .width = 5, .height = 5}));
  const Image soft = blurred(widened(mask, 1), 1);
  EXPECT_GT(soft.row8(4)[4], soft.row8(4)[6]);
  EXPECT_GT(soft.row8(4)[6], 0);
  EXPECT_EQ(values_of(soft), values_of(inverted(inverted(soft))));
  EXPECT_FALSE(bounds_of(Image({3, 3}, 1)));
}

TEST(Mask, IsFilledWithWhatLiesAroundIt) {
  Image picture({16, 16}, 3), mask({16, 16}, 1);
  for (std::size_t i = 0; i < picture.samples(); ++i) picture.samples8()[i] = 90;
  for (int y = 5; y < 11; ++y) {
    for (int x = 5; x < 11; ++x) {
      mask.row8(y)[static_cast<std::size_t>(x)] = 255;
      picture.row8(y)[static_cast<std::size_t>(3 * x)] = 255;
    }
  }
  const Image filled = filled_from_around(picture, mask);
  for (const std::uint8_t sample : filled.samples8()) EXPECT_NEAR(sample, 90, 1);
}

}  // namespace
}  // namespace easel
