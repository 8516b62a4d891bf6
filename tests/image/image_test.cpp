#include "image/image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/error.h"
#include "image/grid.h"
#include "image/resize.h"
#include "image/terminal.h"
#include "pictures.h"

namespace easel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::noisy;
using testing::ramp;
using ::testing::StartsWith;

Image flat(Image::Size size, std::uint8_t value) {
  Image image(size, 3);
  std::ranges::fill(image.samples8(), value);
  return image;
}

TEST(FromDecoded, TruncatesAsTheOriginalDoes) {
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<float> values{
      -1, 1, 0, -2, 2, std::nanf(""), infinity, -infinity, 0.999999f, -0.9922f, -0.99215f, 0.5f};
  const Image image = image_from_decoded(values, {2, 2});
  // 0 is 127.5, and 127: never rounded up.
  EXPECT_THAT(image.samples8(), ElementsAre(0, 255, 127, 0, 255, 0, 255, 0, 254, 0, 1, 191));
}

TEST(Floats, RoundTripEverySample) {
  for (const int bits : {8, 16}) {
    const Image image = noisy({50, 40}, 4, bits);
    EXPECT_EQ(image_from_floats(to_floats(image), image.size(), 4, bits), image);
  }
  const std::vector<float> wild{-1, 2, std::nanf("")};
  EXPECT_THAT(image_from_floats(wild, {1, 1}, 3).samples8(), ElementsAre(0, 255, 0));
}

TEST(Rgb8, RepeatsGrayLaysAlphaAndRoundsSixteenBits) {
  Image gray({1, 1}, 1);
  gray.samples8()[0] = 9;
  EXPECT_THAT(to_rgb8(gray).samples8(), ElementsAre(9, 9, 9));
  Image half({1, 1}, 4);
  std::ranges::copy(std::vector<std::uint8_t>{100, 0, 255, 51}, half.samples8().begin());
  EXPECT_THAT(to_rgb8(half, 0).samples8(), ElementsAre(20, 0, 51));
  EXPECT_THAT(to_rgb8(half, 255).samples8(), ElementsAre(224, 204, 255));
  Image deep({1, 1}, 3, 16);
  std::ranges::copy(std::vector<std::uint16_t>{65535, 0x80ff, 128}, deep.samples16().begin());
  EXPECT_THAT(to_rgb8(deep).samples8(), ElementsAre(255, 128, 0));
}

TEST(Grid, LaysPicturesOutAsTorchvisionDoes) {
  const std::vector<Image> three{flat({4, 3}, 10), flat({4, 3}, 20), flat({4, 3}, 30)};
  const Image grid = make_grid(three, 2);
  ASSERT_EQ(grid.size(), (Image::Size{2 * 6 + 2, 2 * 5 + 2}));
  const auto at = [&](int x, int y) { return grid.row8(y)[static_cast<std::size_t>(3 * x)]; };
  EXPECT_EQ(at(0, 0), 0);
  EXPECT_EQ(at(1, 1), 0);
  EXPECT_EQ(at(2, 2), 10);
  EXPECT_EQ(at(5, 4), 10);
  EXPECT_EQ(at(6, 4), 0);
  EXPECT_EQ(at(8, 2), 20);
  EXPECT_EQ(at(2, 7), 30);
  EXPECT_EQ(at(8, 7), 0);  // no fourth picture
  EXPECT_EQ(at(13, 11), 0);
}

TEST(Grid, HasNoMoreColumnsThanPicturesAndNoFrameAroundOne) {
  const std::vector<Image> two{flat({4, 3}, 1), flat({4, 3}, 2)};
  EXPECT_EQ(make_grid(two, 8).size(), (Image::Size{14, 7}));
  EXPECT_EQ(make_grid(std::span(two).first(1), 8), two[0]);
}

TEST(ContactSheet, FillsItsCellsAndCentresSmallerPictures) {
  const std::vector<Image> pictures{flat({4, 4}, 10), flat({2, 2}, 20)};
  const Image sheet =
      contact_sheet(pictures, {.columns = 3, .rows = 2, .padding = 1, .background = 5});
  ASSERT_EQ(sheet.size(), (Image::Size{16, 11}));
  const auto at = [&](int x, int y) { return sheet.row8(y)[static_cast<std::size_t>(3 * x)]; };
  EXPECT_EQ(at(1, 1), 10);
  EXPECT_EQ(at(6, 1), 5);
  EXPECT_EQ(at(7, 2), 20);
  EXPECT_EQ(at(8, 3), 20);
  EXPECT_EQ(at(9, 4), 5);
  EXPECT_EQ(at(12, 8), 5);
}

TEST(ContactSheet, RefusesMorePicturesThanCells) {
  const std::vector<Image> pictures(5, flat({2, 2}, 1));
  try {
    contact_sheet(pictures, {.columns = 2, .rows = 2});
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    EXPECT_THAT(error.what(), HasSubstr("5 pictures do not fit into a grid of 2x2"));
  }
}

TEST(Resize, KeepsAFlatPictureFlat) {
  for (const auto method : {Resampling::kNearest, Resampling::kBox, Resampling::kLanczos}) {
    for (const Image::Size size : {Image::Size{3, 3}, {17, 5}, {40, 60}, {1, 1}}) {
      const Image result = resize(flat({10, 12}, 77), size, method);
      EXPECT_EQ(result, flat(size, 77));
    }
    Image deep({5, 5}, 1, 16);
    std::ranges::fill(deep.samples16(), std::uint16_t{12345});
    const Image small = resize(deep, {2, 9}, method);
    for (const auto sample : small.samples16()) EXPECT_NEAR(sample, 12345, 1);
  }
}

TEST(Resize, NearestRepeatsAndPicks) {
  Image two({2, 1}, 1);
  two.samples8()[1] = 200;
  EXPECT_THAT(resize(two, {6, 1}, Resampling::kNearest).samples8(),
              ElementsAre(0, 0, 0, 200, 200, 200));
  Image six({6, 1}, 1);
  for (std::size_t i = 0; i < 6; ++i) six.samples8()[i] = static_cast<std::uint8_t>(i);
  EXPECT_THAT(resize(six, {2, 1}, Resampling::kNearest).samples8(), ElementsAre(1, 4));
}

TEST(Resize, BoxTakesTheMean) {
  Image four({2, 2}, 1);
  std::ranges::copy(std::vector<std::uint8_t>{10, 20, 30, 40}, four.samples8().begin());
  EXPECT_THAT(resize(four, {1, 1}, Resampling::kBox).samples8(), ElementsAre(25));
}

TEST(Resize, LanczosKeepsASlopeStraightAndDoesNotWrapAround) {
  Image slope({32, 1}, 1);
  for (std::size_t i = 0; i < 32; ++i) slope.samples8()[i] = static_cast<std::uint8_t>(8 * i);
  const Image twice = resize(slope, {64, 1}, Resampling::kLanczos);
  for (std::size_t i = 8; i < 56; ++i)
    EXPECT_NEAR(twice.samples8()[i], 4.0 * static_cast<double>(i) - 2, 1.5) << i;
  Image edge({8, 1}, 1);
  for (std::size_t i = 4; i < 8; ++i) edge.samples8()[i] = 255;
  const Image sharp = resize(edge, {32, 1}, Resampling::kLanczos);  // overshoots, clamped
  EXPECT_EQ(sharp.samples8()[0], 0);
  EXPECT_EQ(sharp.samples8()[31], 255);
}

TEST(Resize, HiddenColourDoesNotBleed) {
  Image image({2, 1}, 4);
  std::ranges::copy(std::vector<std::uint8_t>{255, 0, 0, 255, 0, 255, 0, 0},
                    image.samples8().begin());
  EXPECT_THAT(resize(image, {1, 1}, Resampling::kBox).samples8(), ElementsAre(255, 0, 0, 128));
}

TEST(FitWithin, KeepsProportionsAndNeverGrows) {
  EXPECT_EQ(fit_within({400, 200}, {100, 100}), (Image::Size{100, 50}));
  EXPECT_EQ(fit_within({40, 20}, {100, 100}), (Image::Size{40, 20}));
  EXPECT_EQ(fit_within({10000, 1}, {100, 100}), (Image::Size{100, 1}));
}

TEST(Terminal, DrawsTwoPixelsACell) {
  const Image image = ramp({2, 3});
  EXPECT_EQ(half_blocks(image, 80),
            "\x1b[38;2;0;0;100m\x1b[48;2;0;30;100m\u2580\x1b[38;2;20;0;100m\x1b[48;2;20;30;"
            "100m\u2580\x1b[0m\n"
            "\x1b[38;2;0;60;100m\u2580\x1b[38;2;20;60;100m\u2580\x1b[0m\n");
  EXPECT_EQ(half_blocks(flat({2, 2}, 1), 2),
            "\x1b[38;2;1;1;1m\x1b[48;2;1;1;1m\u2580\u2580\x1b[0m\n");
}

TEST(Terminal, ShrinksToTheWidthGiven) {
  const std::string text = half_blocks(flat({640, 320}, 9), 20);
  EXPECT_EQ(std::ranges::count(text, '\n'), 5);
}

TEST(Terminal, WritesKittysProtocolInPieces) {
  const std::vector<std::uint8_t> small{'M', 'a', 'n', 'y'};
  EXPECT_EQ(kitty_image(small, 30), "\x1b_Ga=T,f=100,q=2,c=30,m=0;TWFueQ==\x1b\\\n");
  const std::vector<std::uint8_t> large(7000, 0);
  const std::string text = kitty_image(large);
  EXPECT_THAT(text, StartsWith("\x1b_Ga=T,f=100,q=2,m=1;AAAA"));
  EXPECT_THAT(text, HasSubstr("\x1b\\\x1b_Gm=1;"));
  EXPECT_THAT(text, HasSubstr("\x1b\\\x1b_Gm=0;"));
  EXPECT_EQ(std::ranges::count(text, ';'), 3);  // 9,336 characters
}

TEST(Terminal, WritesIterm2sProtocol) {
  const std::vector<std::uint8_t> file{'M', 'a', 'n'};
  EXPECT_EQ(iterm2_image(file, 40),
            "\x1b]1337;File=inline=1;size=3;width=40;preserveAspectRatio=1:TWFu\a\n");
}

}  // namespace
}  // namespace easel
