#include "image/codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "image/encodings.h"
#include "image/exif.h"
#include "pictures.h"

namespace easel {
namespace {

using ::testing::HasSubstr;
using testing::largest_difference;
using testing::noisy;
using testing::picture_bytes;
using testing::ramp;

template <typename Act>
Error error_of(Act act) {
  try {
    act();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error";
  return {ErrorCode::kCancelled, ""};
}

// A header and one tag of noise: libpng finds a profile that compresses to a few bytes too short.
std::vector<std::uint8_t> small_profile() {
  std::vector<std::uint8_t> icc(400, 0);
  const auto put = [&](std::size_t at, std::string_view text) {
    std::ranges::copy(text, icc.begin() + static_cast<std::ptrdiff_t>(at));
  };
  icc[2] = 1;  // 400
  icc[3] = 144;
  icc[8] = 2;
  put(12, "mntrRGB XYZ ");
  put(36, "acsp");
  put(128, std::string_view("\0\0\0\1desc\0\0\0\x90\0\0\1\0", 16));
  std::mt19937 engine(1);
  for (std::size_t i = 144; i < icc.size(); ++i) icc[i] = static_cast<std::uint8_t>(engine());
  put(68, std::string_view("\0\0\xf6\xd6\0\1\0\0\0\0\xd3\x2d", 12));
  return icc;
}

TEST(Png, KeepsEverySampleOfEveryKind) {
  for (const int channels : {1, 3, 4}) {
    for (const int bits : {8, 16}) {
      for (const Image::Size size : {Image::Size{1, 1}, {7, 5}, {64, 33}}) {
        const Image image = noisy(size, channels, bits);
        const Picture back = decode_picture(encode_picture(image, ImageFormat::kPng));
        EXPECT_EQ(back.image, image) << channels << " channels of " << bits;
        EXPECT_EQ(back.format, ImageFormat::kPng);
      }
    }
  }
}

TEST(Webp, KeepsEverySampleWhenLossless) {
  for (const int channels : {3, 4}) {
    const Image image = noisy({31, 17}, channels);
    const auto bytes = encode_picture(image, ImageFormat::kWebp, {.lossless = true});
    EXPECT_EQ(decode_picture(bytes).image, image);
  }
}

TEST(LossyFormats, StayNearAndSmallerQualityIsSmaller) {
  Image image({64, 64}, 3);
  for (int y = 0; y < 64; ++y) {
    for (std::size_t i = 0; i < 192; ++i) image.row8(y)[i] = static_cast<std::uint8_t>(i + 60);
  }
  for (const auto format : {ImageFormat::kJpeg, ImageFormat::kWebp}) {
    const auto fine = encode_picture(image, format, {.quality = 95});
    const auto coarse = encode_picture(image, format, {.quality = 20});
    EXPECT_LE(largest_difference(decode_picture(fine).image, image), 8) << name_of(format);
    EXPECT_LT(coarse.size(), fine.size());
  }
}

TEST(Jpeg, WritesGrayAsGrayAndAlphaOverWhite) {
  const Image gray = noisy({16, 16}, 1);
  EXPECT_EQ(decode_picture(encode_picture(gray, ImageFormat::kJpeg)).image.channels(), 1);
  const Image clear({16, 16}, 4);
  const Image over_white = decode_picture(encode_picture(clear, ImageFormat::kJpeg)).image;
  EXPECT_EQ(over_white.channels(), 3);
  EXPECT_EQ(over_white.samples8()[0], 255);
}

TEST(LossyFormats, RoundSixteenBitsToEight) {
  Image deep({8, 8}, 4, 16);
  std::ranges::fill(deep.samples16(), std::uint16_t{0x8080});
  const Image webp =
      decode_picture(encode_picture(deep, ImageFormat::kWebp, {.lossless = true})).image;
  EXPECT_EQ(webp.channels(), 4);
  EXPECT_EQ(webp.samples8()[0], 0x80);
  EXPECT_EQ(decode_picture(encode_picture(deep, ImageFormat::kJpeg)).image.bits(), 8);
}

TEST(Webp, TakesGray) {
  Image gray({4, 4}, 1);
  std::ranges::fill(gray.samples8(), std::uint8_t{77});
  const Image back =
      decode_picture(encode_picture(gray, ImageFormat::kWebp, {.lossless = true})).image;
  EXPECT_EQ(back.channels(), 3);
  EXPECT_EQ(back.samples8()[1], 77);
}

TEST(Decode, ReadsWhatOtherProgramsWrite) {
  EXPECT_EQ(decode_picture(picture_bytes("palette.png")).image, ramp());
  EXPECT_EQ(decode_picture(picture_bytes("interlaced.png")).image, ramp());
  EXPECT_EQ(decode_picture(picture_bytes("a1111.png")).image, ramp());
  EXPECT_EQ(decode_picture(picture_bytes("a1111.webp")).image, ramp());
  EXPECT_LE(largest_difference(decode_picture(picture_bytes("a1111.jpg")).image, ramp()), 3);
  EXPECT_LE(largest_difference(decode_picture(picture_bytes("progressive.jpg")).image, ramp()), 3);
}

TEST(Decode, UnfoldsTheOddKindsOfPng) {
  const Image gray = decode_picture(picture_bytes("gray.png")).image;
  EXPECT_EQ(gray.channels(), 1);
  EXPECT_EQ(gray.samples8()[3], 60);
  const Image two = decode_picture(picture_bytes("black-white.png")).image;
  EXPECT_EQ(two.channels(), 1);
  EXPECT_EQ(two.samples8()[2], 0);
  EXPECT_EQ(two.samples8()[11], 255);
  const Image with_alpha = decode_picture(picture_bytes("gray-alpha.png")).image;
  EXPECT_EQ(with_alpha.channels(), 4);
  EXPECT_THAT(with_alpha.samples8().subspan(12, 4), ::testing::ElementsAre(60, 60, 60, 128));
  const Image deep = decode_picture(picture_bytes("gray-16.png")).image;
  EXPECT_EQ(deep.bits(), 16);
  EXPECT_EQ(deep.samples16()[3], 15000);
  const Image clear = decode_picture(picture_bytes("palette-transparent.png")).image;
  EXPECT_EQ(clear.channels(), 4);
  EXPECT_EQ(clear.size(), (Image::Size{12, 8}));
}

TEST(Decode, TurnsAJpegAsItsOrientationSays) {
  // Where the corner (0, 0) of the stored picture, black but for its blue, is to be seen.
  const std::map<int, std::pair<bool, bool>> corner_at_right_bottom{
      {2, {true, false}}, {3, {true, true}}, {4, {false, true}}, {5, {false, false}},
      {6, {true, false}}, {7, {true, true}}, {8, {false, true}}};
  for (const auto& [orientation, corner] : corner_at_right_bottom) {
    const auto [right, bottom] = corner;
    const Image image =
        decode_picture(picture_bytes("orientation-" + std::to_string(orientation) + ".jpg")).image;
    const bool upright = orientation >= 5;
    ASSERT_EQ(image.size(), upright ? (Image::Size{8, 12}) : (Image::Size{12, 8}));
    const int x = right ? image.width() - 1 : 0;
    const int y = bottom ? image.height() - 1 : 0;
    EXPECT_LE(image.row8(y)[static_cast<std::size_t>(3 * x)], 3) << orientation;
    EXPECT_LE(image.row8(y)[static_cast<std::size_t>(3 * x + 1)], 3) << orientation;
    // Along the stored picture's long side the red rises.
    const int step = upright ? 0 : (right ? -1 : 1);
    const int down = upright ? (bottom ? -1 : 1) : 0;
    EXPECT_NEAR(image.row8(y + down)[static_cast<std::size_t>(3 * (x + step))], 20, 3)
        << orientation;
  }
}

TEST(Decode, ReadsTheSettingsOfAutomatic1111) {
  for (const auto* name : {"a1111.png", "a1111.jpg", "a1111.webp"}) {
    const auto metadata = decode_picture(picture_bytes(name)).metadata;
    EXPECT_THAT(metadata.parameters, HasSubstr("a fox, caf\u00e9 \u5317\u4eac\nin the snow\n"))
        << name;
    EXPECT_THAT(metadata.parameters, HasSubstr("Version: v1.6.0")) << name;
  }
}

TEST(Metadata, ComesBackFromEveryFormat) {
  const ImageMetadata metadata{.icc = small_profile(),
                               .parameters = "na\u00efve \u5317\u4eac \U0001F431\nSteps: 3, \"x\"",
                               .easel = R"({"program":"easel","prompt":"\u5317"})"};
  for (const auto format : testing::kFormats) {
    for (const bool lossless : {false, true}) {
      const auto bytes =
          encode_picture(ramp(), format, {.lossless = lossless, .metadata = metadata});
      const auto back = decode_picture(bytes).metadata;
      EXPECT_EQ(back.parameters, metadata.parameters) << name_of(format);
      EXPECT_EQ(back.easel, metadata.easel) << name_of(format);
      EXPECT_EQ(back.icc, metadata.icc) << name_of(format);
    }
  }
}

TEST(Metadata, IsAbsentWhenThereIsNone) {
  for (const auto format : testing::kFormats) {
    const auto back = decode_picture(encode_picture(ramp(), format)).metadata;
    EXPECT_TRUE(back.parameters.empty());
    EXPECT_TRUE(back.easel.empty());
    EXPECT_TRUE(back.icc.empty());
  }
}

TEST(Metadata, IsPlainTextInAPngWhereLatin1HoldsIt) {
  const auto has = [](std::string_view text, const char* chunk) {
    const auto bytes =
        encode_picture(ramp(), ImageFormat::kPng,
                       {.metadata = {.icc = {}, .parameters = std::string(text), .easel = {}}});
    return std::string(bytes.begin(), bytes.end()).find(chunk) != std::string::npos;
  };
  EXPECT_TRUE(has("caf\u00e9\nline", "tEXtparameters"));
  EXPECT_FALSE(has("caf\u00e9\nline", "iTXt"));
  EXPECT_TRUE(has("\u5317", "iTXtparameters"));
}

TEST(Metadata, ThatDoesNotFitAJpegIsRefusedOrLosesOurRecordFirst) {
  const std::string half(20000, 'p');
  const ImageMetadata tight{.icc = {}, .parameters = half, .easel = std::string(40000, 'e')};
  const auto back =
      decode_picture(encode_picture(ramp(), ImageFormat::kJpeg, {.metadata = tight})).metadata;
  EXPECT_EQ(back.parameters, half);
  EXPECT_TRUE(back.easel.empty());
  const ImageMetadata much{.icc = {}, .parameters = std::string(40000, 'p'), .easel = {}};
  const auto error =
      error_of([&] { encode_picture(ramp(), ImageFormat::kJpeg, {.metadata = much}); });
  EXPECT_EQ(error.code(), ErrorCode::kUsage);
  EXPECT_EQ(decode_picture(encode_picture(ramp(), ImageFormat::kPng, {.metadata = much}))
                .metadata.parameters,
            much.parameters);
}

TEST(Metadata, ZerosAndBadUtf8DoNotBreakAPng) {
  const ImageMetadata odd{.icc = {}, .parameters = std::string("a\0b\xff", 4), .easel = {}};
  EXPECT_EQ(decode_picture(encode_picture(ramp(), ImageFormat::kPng, {.metadata = odd}))
                .metadata.parameters,
            "ab\ufffd");
}

TEST(Decode, RefusesWhatItDoesNotDo) {
  const auto animated = error_of([] { decode_picture(picture_bytes("animated.webp"), "x.webp"); });
  EXPECT_EQ(animated.code(), ErrorCode::kUnsupported);
  EXPECT_THAT(animated.what(), HasSubstr("animated"));
  const std::vector<std::uint8_t> text{'G', 'I', 'F', '8'};
  EXPECT_EQ(error_of([&] { decode_picture(text); }).code(), ErrorCode::kUnsupported);
  EXPECT_EQ(error_of([&] { decode_picture({}); }).code(), ErrorCode::kUnsupported);
}

TEST(Decode, RefusesMorePixelsThanAllowed) {
  for (const auto format : testing::kFormats) {
    const auto bytes = encode_picture(ramp(), format);
    EXPECT_NO_THROW(decode_picture(bytes, "p", {.max_pixels = 96}));
    const auto error = error_of([&] { decode_picture(bytes, "p", {.max_pixels = 95}); });
    EXPECT_EQ(error.code(), ErrorCode::kInvalidFile) << name_of(format);
    EXPECT_THAT(error.what(), HasSubstr("12 x 8"));
  }
}

TEST(Encode, RefusesWhatAFormatCannotHold) {
  const Image wide({16384, 1}, 3);
  EXPECT_EQ(error_of([&] { encode_picture(wide, ImageFormat::kWebp); }).code(), ErrorCode::kUsage);
  const Image wider({65501, 1}, 3);
  EXPECT_EQ(error_of([&] { encode_picture(wider, ImageFormat::kJpeg); }).code(), ErrorCode::kUsage);
}

TEST(Files, AreWrittenInTheFormatOfTheirName) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("easel-codec-" + std::to_string(::getpid()));
  std::filesystem::create_directory(folder);
  const std::map<std::string, ImageFormat> names{{"a.png", ImageFormat::kPng},
                                                 {"a.JPG", ImageFormat::kJpeg},
                                                 {"a.jpeg", ImageFormat::kJpeg},
                                                 {"a.webp", ImageFormat::kWebp}};
  for (const auto& [name, format] : names) {
    write_picture(folder / name, ramp());
    const Picture back = read_picture(folder / name);
    EXPECT_EQ(back.format, format);
    EXPECT_EQ(back.image.size(), ramp().size());
  }
  EXPECT_EQ(error_of([&] { write_picture(folder / "a.gif", ramp()); }).code(), ErrorCode::kUsage);
  EXPECT_EQ(
      error_of([&] { write_picture(folder / "a.png", ramp(), {}, IfExists::kRefuse); }).code(),
      ErrorCode::kUsage);
  EXPECT_EQ(error_of([&] { read_picture(folder / "none.png"); }).code(), ErrorCode::kNotFound);
  EXPECT_EQ(error_of([&] { read_picture(folder); }).code(), ErrorCode::kIo);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 4);
  std::filesystem::remove_all(folder);
}

TEST(Text, ConvertsBetweenItsEncodings) {
  EXPECT_EQ(latin1_from_utf8("caf\u00e9"), "caf\xe9");
  EXPECT_EQ(latin1_from_utf8("\u5317"), std::nullopt);
  EXPECT_EQ(latin1_from_utf8("a\tb"), std::nullopt);
  EXPECT_EQ(utf8_from_latin1("caf\xe9"), "caf\u00e9");
  for (const bool big_endian : {false, true}) {
    const std::string text = "a\u00e9\u5317\U0001F431";
    EXPECT_EQ(utf8_from_utf16(utf16_bytes(text, big_endian), big_endian), text);
  }
  // Half a surrogate pair, and an odd byte.
  const std::vector<std::uint8_t> half{0xD8, 0x3D, 0x00, 0x41, 0x00};
  EXPECT_EQ(utf8_from_utf16(half, true), "\ufffd\u0041");
}

}  // namespace
}  // namespace easel
