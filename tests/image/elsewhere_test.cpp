// Files as other programs and cameras write them.

#include <gmock/gmock.h>

#include <algorithm>

#include "core/error.h"
#include "image/codec.h"
#include "image/encodings.h"
#include "image/exif.h"
#include "image/facts.h"
#include "image/hidden_colours.h"
#include "image/schedules.h"
#include "pictures.h"

namespace easel {
namespace {

using ::testing::HasSubstr;
using testing::largest_difference;
using testing::noisy;
using testing::picture_bytes;
using testing::ramp;
using Bytes = std::vector<std::uint8_t>;

std::size_t find(const Bytes& bytes, std::initializer_list<std::uint8_t> what) {
  const auto at = std::search(bytes.begin(), bytes.end(), what.begin(), what.end());
  EXPECT_NE(at, bytes.end());
  return static_cast<std::size_t>(at - bytes.begin());
}

TEST(JpegFromElsewhere, withOddScanParametersIsReadWhole) {
  Bytes bytes = encode_picture(ramp(), ImageFormat::kJpeg);
  const Image whole = decode_picture(bytes).image;
  const std::size_t scan = find(bytes, {0xff, 0xda});
  const std::size_t end_of_spectrum = scan + 2 + bytes[scan + 3] - 2;
  ASSERT_EQ(bytes[end_of_spectrum], 63);
  bytes[end_of_spectrum] = 0;
  EXPECT_EQ(decode_picture(bytes).image, whole);
}

TEST(JpegFromElsewhere, withoutItsEndMarkerIsReadWhole) {
  for (const Bytes& bytes :
       {encode_picture(ramp(), ImageFormat::kJpeg), picture_bytes("progressive.jpg")}) {
    const Bytes cut(bytes.begin(), bytes.end() - 2);
    EXPECT_EQ(decode_picture(cut).image, decode_picture(bytes).image);
  }
}

TEST(PngFromElsewhere, withoutItsEndIsReadWhole) {
  const Bytes bytes = encode_picture(ramp(), ImageFormat::kPng);
  for (const std::ptrdiff_t missing : {1, 4, 12}) {
    const Bytes cut(bytes.begin(), bytes.end() - missing);
    EXPECT_EQ(decode_picture(cut).image, ramp());
  }
  EXPECT_THROW(decode_picture(Bytes(bytes.begin(), bytes.end() - 13)), Error);
}

TEST(JpegFromElsewhere, withBytesAfterItsEndIsReadWhole) {
  Bytes bytes = encode_picture(ramp(), ImageFormat::kJpeg);
  const Image whole = decode_picture(bytes).image;
  bytes.insert(bytes.end(), 1000, 0xff);
  EXPECT_EQ(decode_picture(bytes).image, whole);
}

TEST(JpegFromElsewhere, withoutItsLastScansIsAnError) {
  const Bytes bytes = picture_bytes("progressive.jpg");
  std::vector<std::size_t> scans;
  for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
    if (bytes[i] == 0xff && bytes[i + 1] == 0xda) scans.push_back(i);
  }
  ASSERT_GT(scans.size(), 2u);
  Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(scans.back()));
  EXPECT_THROW(decode_picture(cut), Error);
}

// A chunk of a PNG, with its checksum.
Bytes chunk(std::string_view kind, std::string_view data) {
  Bytes bytes;
  const auto number = [&](std::uint32_t value) {
    for (int i = 3; i >= 0; --i) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  };
  number(static_cast<std::uint32_t>(data.size()));
  bytes.insert(bytes.end(), kind.begin(), kind.end());
  bytes.insert(bytes.end(), data.begin(), data.end());
  std::uint32_t crc = 0xffffffff;
  for (std::size_t i = 4; i < bytes.size(); ++i) {
    crc ^= bytes[i];
    for (int k = 0; k < 8; ++k) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320u : 0u);
  }
  number(~crc);
  return bytes;
}

constexpr std::ptrdiff_t kAfterHeader = 33;

Bytes png_with(const std::vector<Bytes>& chunks, bool before_pixels, const Image& image = ramp()) {
  Bytes bytes = encode_picture(image, ImageFormat::kPng);
  Bytes all;
  for (const Bytes& one : chunks) all.insert(all.end(), one.begin(), one.end());
  bytes.insert(before_pixels ? bytes.begin() + kAfterHeader : bytes.end() - 12, all.begin(),
               all.end());
  return bytes;
}

std::string text_chunk(std::string_view key, std::string_view text) {
  return std::string(key) + '\0' + std::string(text);
}

TEST(PngFromElsewhere, hasItsSettingsFoundWhereverTheyLie) {
  std::vector<Bytes> chunks(1000, chunk("tEXt", text_chunk("Comment", "no")));
  chunks.push_back(chunk("tEXt", text_chunk("parameters", "a fox")));
  for (const bool before : {true, false}) {
    const Bytes bytes = png_with(chunks, before);
    EXPECT_EQ(decode_picture(bytes).metadata.parameters, "a fox");
    EXPECT_EQ(facts_of_picture(bytes).metadata.parameters, "a fox");
    EXPECT_EQ(decode_picture(bytes).image, ramp());
  }
}

// A TIFF block that says only how the picture is turned.
std::string turned(int orientation) {
  const char value = static_cast<char>(orientation);
  return std::string("MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0", 19) + value +
         std::string("\0\0\0\0\0\0", 6);
}

TEST(Orientation, ofPngAndWebpIsAppliedAsJpegsIs) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    SCOPED_TRACE(orientation);
    const Image wanted = oriented(ramp(), orientation);
    const Bytes png = png_with({chunk("eXIf", turned(orientation))}, true);
    EXPECT_EQ(decode_picture(png).image, wanted);
    EXPECT_EQ(facts_of_picture(png).size, wanted.size());
    // The lossless picture in a container of VP8X, VP8L and EXIF.
    const Bytes plain = encode_picture(ramp(), ImageFormat::kWebp, {.lossless = true});
    const std::string exif = turned(orientation);
    Bytes webp(plain.begin(), plain.begin() + 12);
    const auto add = [&](std::string_view kind, std::string_view data) {
      webp.insert(webp.end(), kind.begin(), kind.end());
      for (int i = 0; i < 4; ++i) webp.push_back(static_cast<std::uint8_t>(data.size() >> (8 * i)));
      webp.insert(webp.end(), data.begin(), data.end());
      if (data.size() % 2 == 1) webp.push_back(0);
    };
    add("VP8X", std::string("\x08\0\0\0\x0b\0\0\x07\0\0", 10));
    webp.insert(webp.end(), plain.begin() + 12, plain.end());
    add("EXIF", exif);
    for (std::size_t i = 0; i < 4; ++i) {
      webp[4 + i] = static_cast<std::uint8_t>((webp.size() - 8) >> (8 * i));
    }
    EXPECT_EQ(decode_picture(webp).image, wanted);
    EXPECT_EQ(facts_of_picture(webp).size, wanted.size());
  }
}

TEST(Orientation, isNotWrittenAgain) {
  const Picture picture = decode_picture(png_with({chunk("eXIf", turned(6))}, true));
  const Bytes again =
      encode_picture(picture.image, ImageFormat::kPng, {.metadata = picture.metadata});
  EXPECT_EQ(decode_picture(again).image, picture.image);
}

TEST(Animation, isRefusedByNameAndTold) {
  const Bytes animated = png_with({chunk("acTL", std::string("\0\0\0\3\0\0\0\0", 8))}, true);
  try {
    decode_picture(animated, "x.png");
    FAIL() << "it was decoded";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
    EXPECT_THAT(error.what(), HasSubstr("PNG x.png is animated"));
  }
  EXPECT_TRUE(facts_of_picture(animated).is_animated);
  EXPECT_TRUE(facts_of_picture(picture_bytes("animated.webp")).is_animated);
  const Bytes single = png_with({chunk("acTL", std::string("\0\0\0\1\0\0\0\0", 8))}, true);
  EXPECT_EQ(decode_picture(single).image, ramp());
}

TEST(Facts, areThoseOfTheDecodedPicture) {
  for (const char* name :
       {"a1111.jpg", "a1111.png", "a1111.webp", "black-white.png", "gray-16.png", "gray-alpha.png",
        "gray.jpg", "gray.png", "interlaced.png", "orientation-6.jpg", "palette-transparent.png",
        "palette.png", "progressive.jpg"}) {
    SCOPED_TRACE(name);
    const Picture picture = decode_picture(picture_bytes(name));
    const PictureFacts facts = facts_of_picture(picture_bytes(name));
    EXPECT_EQ(facts.format, picture.format);
    EXPECT_EQ(facts.size, picture.image.size());
    EXPECT_EQ(facts.channels, picture.image.channels());
    EXPECT_EQ(facts.bits, picture.image.bits());
    EXPECT_EQ(facts.metadata.parameters, picture.metadata.parameters);
    EXPECT_EQ(facts.metadata.easel, picture.metadata.easel);
    EXPECT_FALSE(facts.is_animated);
  }
}

// A TIFF block whose Exif directory holds one UserComment.
Bytes exif_with_comment(std::string_view comment, bool in_first_directory = false) {
  Bytes bytes{'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1};
  const auto entry = [&](std::uint32_t tag, std::uint32_t type, std::size_t count, std::size_t at) {
    for (const std::uint32_t half : {tag, type}) {
      bytes.push_back(static_cast<std::uint8_t>(half >> 8));
      bytes.push_back(static_cast<std::uint8_t>(half));
    }
    for (const std::size_t number : {count, at}) {
      for (int i = 3; i >= 0; --i) bytes.push_back(static_cast<std::uint8_t>(number >> (8 * i)));
    }
  };
  constexpr Bytes::size_type kNoMore = 4;
  if (!in_first_directory) {
    entry(0x8769, 4, 1, 26);
    bytes.resize(bytes.size() + kNoMore);
    bytes.insert(bytes.end(), {0, 1});
  }
  entry(0x9286, 7, comment.size(), in_first_directory ? 26 : 44);
  bytes.resize(bytes.size() + kNoMore);
  bytes.insert(bytes.end(), comment.begin(), comment.end());
  return bytes;
}

TEST(UserComment, isReadInEveryEncodingThatIsMet) {
  const std::string text = "a fox by Ren\u00e9, \u5317\nSteps: 3, Sampler: Euler a, Seed: 1";
  const auto utf16 = [&](bool big) {
    const Bytes bytes = utf16_bytes(text, big);
    return std::string(bytes.begin(), bytes.end());
  };
  const std::string unicode("UNICODE\0", 8), ascii("ASCII\0\0\0", 8), undefined(8, '\0');
  const std::vector<std::string> comments = {unicode + utf16(true),
                                             unicode + utf16(false),
                                             unicode + "\xfe\xff" + utf16(true),
                                             unicode + "\xff\xfe" + utf16(false),
                                             unicode + text,
                                             unicode + "\xef\xbb\xbf" + text,
                                             unicode + text + std::string(5, '\0'),
                                             undefined + text,
                                             undefined + utf16(true),
                                             undefined + utf16(false),
                                             ascii + text,
                                             ascii + text + std::string(3, '\0'),
                                             text};
  for (std::size_t i = 0; i < comments.size(); ++i) {
    SCOPED_TRACE(i);
    for (const bool first : {true, false}) {
      EXPECT_EQ(read_exif(exif_with_comment(comments[i], first)).user_comment, text);
    }
  }
}

TEST(UserComment, inLatinLettersOfOldIsReadAsSuch) {
  EXPECT_EQ(read_exif(exif_with_comment(std::string("ASCII\0\0\0Ren\xe9", 12))).user_comment,
            "Ren\u00e9");
}

TEST(HiddenColours, areThoseOfTheNearestVisiblePixels) {
  Image image({5, 1}, 4);
  const std::uint8_t samples[] = {0, 0, 0, 0, 10, 20, 30, 255, 0,  0,
                                  0, 0, 0, 0, 0,  0,  40, 50,  60, 1};
  std::copy(std::begin(samples), std::end(samples), image.samples8().begin());
  const auto filled = with_hidden_colours_filled(image);
  ASSERT_TRUE(filled);
  EXPECT_THAT(std::vector<int>(filled->samples8().begin(), filled->samples8().end()),
              ::testing::ElementsAre(10, 20, 30, 0, 10, 20, 30, 255, 10, 20, 30, 0, 40, 50, 60, 0,
                                     40, 50, 60, 1));
  EXPECT_FALSE(with_hidden_colours_filled(Image({3, 3}, 4)));  // nothing is visible
  EXPECT_FALSE(with_hidden_colours_filled(ramp()));
  for (const int bits : {8, 16}) {
    Image opaque = noisy({4, 4}, 4, bits);
    for (std::size_t i = 3; i < 64; i += 4) {
      if (bits == 8) opaque.samples8()[i] = 1;
      if (bits == 16) opaque.samples16()[i] = 1;
    }
    EXPECT_FALSE(with_hidden_colours_filled(opaque));
  }
}

TEST(ColourProfiles, areWrittenOnlyWhereTheyFit) {
  Bytes profile(200);
  for (const auto& [space, gray] : {std::pair{"GRAY", true}, {"RGB ", false}}) {
    std::copy_n(space, 4, profile.begin() + 16);
    for (const auto format : {ImageFormat::kJpeg, ImageFormat::kWebp}) {
      for (const int channels : {1, 3}) {
        SCOPED_TRACE(::testing::Message() << space << channels << name_of(format));
        const bool stays_gray = channels == 1 && format == ImageFormat::kJpeg;
        const Bytes bytes =
            encode_picture(noisy({8, 8}, channels), format,
                           {.metadata = {.icc = profile, .parameters = {}, .easel = {}}});
        const bool there = !decode_picture(bytes).metadata.icc.empty();
        EXPECT_EQ(there, gray == stays_gray);
      }
    }
  }
}

TEST(Schedules, meanWhatTheyMeanThere) {
  EXPECT_EQ(sampler_with_schedule("DPM++ 2M", "Karras"), "DPM++ 2M Karras");
  EXPECT_EQ(sampler_with_schedule("DPM++ 2M", "karras"), "DPM++ 2M Karras");
  EXPECT_EQ(sampler_with_schedule("DPM++ 2M", "Automatic"), "DPM++ 2M Karras");
  EXPECT_EQ(sampler_with_schedule("DPM++ 2M Karras", "Karras"), "DPM++ 2M Karras");
  EXPECT_EQ(sampler_with_schedule("DPM++ 2M SDE", "Automatic"), "DPM++ 2M SDE Exponential");
  EXPECT_EQ(sampler_with_schedule("Euler", "Automatic"), "Euler");
  EXPECT_EQ(sampler_with_schedule("Euler a", "Karras"), "Euler a Karras");
  EXPECT_EQ(sampler_with_schedule("DPM++ 2M", "Uniform"), "DPM++ 2M");
  EXPECT_EQ(sampler_with_schedule("DPM++ 2M", ""), "DPM++ 2M");
}

}  // namespace
}  // namespace easel
