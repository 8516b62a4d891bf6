#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <random>

#include "core/error.h"
#include "image/codec.h"
#include "image/exif.h"
#include "pictures.h"

// Broken and hostile files: each must give an Error, or a picture, and nothing else. What they
// touch is watched by AddressSanitizer in the builds that have it.

namespace easel {
namespace {

using ::testing::HasSubstr;
using testing::noisy;
using testing::picture_bytes;

std::vector<std::uint8_t> sample_of(ImageFormat format, bool lossless = false) {
  return encode_picture(
      noisy({9, 7}, 3), format,
      {.lossless = lossless,
       .metadata = {.icc = {},
                    .parameters = "a \u5317 fox\nSteps: 3, Sampler: DDIM, Seed: 1",
                    .easel = R"({"program":"easel","steps":3})"}});
}

bool decodes(std::span<const std::uint8_t> bytes) {
  try {
    decode_picture(bytes, "it", {.max_pixels = 1 << 18});
    return true;
  } catch (const Error&) {
    return false;
  }
}

// Nothing but the end marker is missing, which costs no pixel.
bool lacks_only_its_end(ImageFormat format, std::size_t size, std::size_t whole) {
  const std::size_t end = format == ImageFormat::kJpeg ? 2 : format == ImageFormat::kPng ? 12 : 0;
  return whole - size <= end;
}

TEST(Hostile, EveryTruncationIsAnError) {
  for (const auto format : testing::kFormats) {
    for (const bool lossless : {false, true}) {
      const auto bytes = sample_of(format, lossless);
      ASSERT_TRUE(decodes(bytes));
      for (std::size_t size = 0; size < bytes.size(); ++size) {
        // A copy of its own size, so that reading past the end is seen.
        const std::vector<std::uint8_t> cut(bytes.begin(),
                                            bytes.begin() + static_cast<std::ptrdiff_t>(size));
        ASSERT_EQ(decodes(cut), lacks_only_its_end(format, size, bytes.size()))
            << name_of(format) << " cut to " << size << " of " << bytes.size();
      }
    }
  }
}

TEST(Hostile, EveryTruncationOfAProgressiveJpegIsAnError) {
  const auto bytes = picture_bytes("progressive.jpg");
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const std::vector<std::uint8_t> cut(bytes.begin(),
                                        bytes.begin() + static_cast<std::ptrdiff_t>(size));
    ASSERT_EQ(decodes(cut), lacks_only_its_end(ImageFormat::kJpeg, size, bytes.size())) << size;
  }
}

TEST(Hostile, EveryFlippedBitGivesAPictureOrAnError) {
  for (const auto format : testing::kFormats) {
    const auto bytes = sample_of(format);
    int errors = 0;
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      auto flipped = bytes;
      flipped[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
      errors += decodes(flipped) ? 0 : 1;
    }
    EXPECT_GT(errors, 0) << name_of(format);
  }
}

TEST(Hostile, RandomDamageGivesAPictureOrAnError) {
  std::mt19937 engine(11);
  for (const auto* name :
       {"a1111.png", "a1111.jpg", "a1111.webp", "interlaced.png", "palette.png", "progressive.jpg",
        "orientation-6.jpg", "animated.webp", "gray-16.png"}) {
    const auto bytes = picture_bytes(name);
    for (int round = 0; round < 300; ++round) {
      auto damaged = bytes;
      for (int i = 0; i < 4; ++i) {
        damaged[engine() % damaged.size()] = static_cast<std::uint8_t>(engine());
      }
      decodes(damaged);
    }
  }
}

std::uint32_t crc32_of(std::span<const std::uint8_t> bytes) {
  std::uint32_t crc = 0xffffffff;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int i = 0; i < 8; ++i) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320u : 0u);
  }
  return ~crc;
}

void put_big_endian(std::vector<std::uint8_t>& bytes, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i)
    bytes[at + i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
}

TEST(Hostile, APngThatLiesAboutItsSizeIsRefusedBeforeMemoryIsTaken) {
  for (const auto& [width, height] :
       {std::pair<std::uint32_t, std::uint32_t>{0x7fffffff, 0x7fffffff},
        {1, 0x7fffffff},
        {0x7fffffff, 1},
        {100000, 100000},
        {0, 7},
        {0xffffffff, 7}}) {
    auto bytes = sample_of(ImageFormat::kPng);
    put_big_endian(bytes, 16, width);
    put_big_endian(bytes, 20, height);
    put_big_endian(bytes, 29, crc32_of(std::span(bytes).subspan(12, 17)));
    try {
      decode_picture(bytes);
      ADD_FAILURE() << width << " x " << height;
    } catch (const Error& error) {
      const bool possible = width > 0 && width <= 0x7fffffff;
      EXPECT_THAT(error.what(), HasSubstr(possible ? "too large" : "broken"));
    }
  }
  auto taller = sample_of(ImageFormat::kPng);  // fewer rows than it says
  put_big_endian(taller, 20, 4000);
  put_big_endian(taller, 29, crc32_of(std::span(taller).subspan(12, 17)));
  EXPECT_FALSE(decodes(taller));
}

TEST(Hostile, APngChunkLongerThanTheFileIsRefusedBeforeMemoryIsTaken) {
  const auto bytes = sample_of(ImageFormat::kPng);
  constexpr std::size_t kSecondChunk = 33;
  for (const std::uint32_t length : {0x40000000u, 0x7fffffffu, 0xffffffffu}) {
    auto lying = bytes;
    put_big_endian(lying, kSecondChunk, length);
    try {
      decode_picture(lying);
      ADD_FAILURE() << length;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr("a chunk at byte 33 does not end"));
    }
  }
}

TEST(Hostile, AJpegThatLiesAboutItsSizeIsRefused) {
  auto bytes = sample_of(ImageFormat::kJpeg);
  for (std::size_t i = 0; i + 9 < bytes.size(); ++i) {
    if (bytes[i] != 0xff || bytes[i + 1] != 0xc0) continue;
    for (std::size_t k = 5; k < 9; ++k) bytes[i + k] = 0xff;  // 65535 x 65535
    EXPECT_FALSE(decodes(bytes));
    return;
  }
  FAIL() << "no frame header found";
}

TEST(Hostile, ExifDirectoriesThatPointAnywhereAreRead) {
  const auto sound = write_exif({.user_comment = "a fox", .easel = "{}"});
  ASSERT_EQ(read_exif(sound).user_comment, "a fox");
  for (std::size_t size = 0; size < sound.size(); ++size) {
    const std::vector<std::uint8_t> cut(sound.begin(),
                                        sound.begin() + static_cast<std::ptrdiff_t>(size));
    read_exif(cut);
  }
  for (std::size_t at = 0; at < sound.size(); ++at) {
    for (const int value : {0x00, 0x01, 0x7f, 0x80, 0xff}) {
      auto damaged = sound;
      damaged[at] = static_cast<std::uint8_t>(value);
      const Exif exif = read_exif(damaged);
      ASSERT_TRUE(exif.orientation >= 1 && exif.orientation <= 8);
    }
  }
  const std::vector<std::uint8_t> noise(64, 0xff);
  EXPECT_TRUE(read_exif(noise).user_comment.empty());
}

}  // namespace
}  // namespace easel
