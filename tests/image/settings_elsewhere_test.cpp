// Settings where other programs keep them beside a picture's texts: in the pieces of a long XMP
// packet, and in the lowest bits of alpha.

#include <gmock/gmock.h>
#include <zlib.h>

#include <string>

#include "image/codec.h"
#include "image/facts.h"
#include "image/jpeg_xmp.h"
#include "pictures.h"

namespace easel {
namespace {

using ::testing::IsEmpty;
using testing::ramp;
using ::testing::UnorderedElementsAre;
using Bytes = std::vector<std::uint8_t>;

std::string big_endian(std::size_t value) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xff);
  return out;
}

// A JPEG with APP1 segments that hold these texts.
Bytes with_segments(const std::vector<std::string>& texts) {
  Bytes bytes = encode_picture(ramp(), ImageFormat::kJpeg);
  std::string segments;
  for (const std::string& text : texts) {
    const std::size_t size = text.size() + 2;
    segments += std::string("\xff\xe1") + static_cast<char>(size >> 8) +
                static_cast<char>(size & 0xff) + text;
  }
  bytes.insert(bytes.begin() + 2, segments.begin(), segments.end());
  return bytes;
}

const std::string kGuid = "0123456789ABCDEF0123456789ABCDEF";
const std::string kMain = std::string("http://ns.adobe.com/xap/1.0/") + '\0' +
                          "<rdf:Description xmpNote:HasExtendedXMP=\"" + kGuid + "\"/>";

std::string piece(const std::string& whole, std::size_t from, std::size_t count,
                  const std::string& guid = kGuid) {
  return std::string("http://ns.adobe.com/xmp/extension/") + '\0' + guid +
         big_endian(whole.size()) + big_endian(from) + whole.substr(from, count);
}

std::string extension_of(const std::vector<std::string>& segments) {
  for (const NamedText& text : decode_picture(with_segments(segments)).metadata.texts)
    if (text.key == formats::kXmpExtensionKey) return text.text;
  return "";
}

TEST(ExtendedXmp, isPutTogetherInItsOrder) {
  const std::string whole = "<rdf:Description>" + std::string(50'000, 'x') + "</rdf:Description>";
  EXPECT_EQ(extension_of({kMain, piece(whole, 0, 30'000), piece(whole, 30'000, 60'000)}), whole);
  EXPECT_EQ(extension_of({piece(whole, 30'000, 60'000), kMain, piece(whole, 0, 30'000)}), whole);
  EXPECT_EQ(extension_of({kMain, piece(whole, 0, 30'000), piece(whole, 0, 30'000),
                          piece(whole, 30'000, 60'000)}),
            whole);
}

TEST(ExtendedXmp, isLeftOutWhereAPieceIsMissingOrOfAnotherPacket) {
  const std::string whole(1000, 'x');
  EXPECT_EQ(extension_of({kMain, piece(whole, 0, 500)}), "");
  EXPECT_EQ(extension_of({kMain, piece(whole, 500, 500)}), "");
  EXPECT_EQ(extension_of({kMain, piece(whole, 0, 1000, std::string(32, 'A'))}), "");
  EXPECT_EQ(extension_of({piece(whole, 0, 1000)}), "");
  EXPECT_EQ(extension_of({kMain, piece(whole, 0, 1000).substr(0, 60)}), "");
}

std::string gzipped(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, MAX_WBITS + 16, 9, Z_DEFAULT_STRATEGY);
  std::string out(text.size() + 1000, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

// A picture with these bytes in its lowest bits of alpha, column by column.
Image hiding(const std::string& bytes) {
  Image image({64, 48}, 4);
  for (int y = 0; y < image.height(); ++y)
    for (std::uint8_t& value : image.row8(y)) value = 254;
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    const unsigned value = static_cast<unsigned char>(bytes[bit / 8]) >> (7 - bit % 8) & 1u;
    image.row8(static_cast<int>(bit % 48))[bit / 48 * 4 + 3] |= static_cast<std::uint8_t>(value);
  }
  return image;
}

ImageMetadata metadata_of(const Image& image, const ImageMetadata& said = {}) {
  const Bytes png = encode_picture(image, ImageFormat::kPng, {.metadata = said});
  const ImageMetadata metadata = decode_picture(png).metadata;
  EXPECT_EQ(facts_of_picture(png).metadata.texts, metadata.texts);
  EXPECT_EQ(facts_of_picture(png).metadata.parameters, metadata.parameters);
  return metadata;
}

TEST(HiddenText, isNovelAisMembersOrAutomatic1111sText) {
  const std::string json = R"({"Software": "NovelAI", "Comment": "{\"steps\": 28}"})";
  const std::string packed = gzipped(json);
  EXPECT_THAT(metadata_of(hiding("stealth_pngcomp" + big_endian(packed.size() * 8) + packed)).texts,
              UnorderedElementsAre(NamedText{"Software", "NovelAI"},
                                   NamedText{"Comment", "{\"steps\": 28}"}));
  const std::string text = "a cat\nSteps: 20, Seed: 5";
  EXPECT_EQ(metadata_of(hiding("stealth_pnginfo" + big_endian(text.size() * 8) + text)).parameters,
            text);
}

TEST(HiddenText, isNotLookedForWhereThePictureSaysSomething) {
  const std::string text = "a cat";
  const Image image = hiding("stealth_pnginfo" + big_endian(text.size() * 8) + text);
  EXPECT_EQ(metadata_of(image, {.parameters = "a dog"}).parameters, "a dog");
}

TEST(HiddenText, thatIsBrokenIsNone) {
  const std::string packed = gzipped(std::string(200, 'x'));
  for (const std::string& bytes :
       {std::string("stealth_pnginfo"), "stealth_pnginfo" + big_endian(0xffffffff) + "x",
        "stealth_pngcomp" + big_endian(80) + "not packed",
        "stealth_pngcomp" + big_endian(packed.size() * 4) + packed.substr(0, packed.size() / 2),
        "stealth_pnginfo" + big_endian(16) + "\xff\xfe", "stealth_rgbinfo" + big_endian(8) + "x"}) {
    const ImageMetadata metadata = metadata_of(hiding(bytes));
    EXPECT_THAT(metadata.parameters, IsEmpty()) << bytes;
    EXPECT_THAT(metadata.texts, IsEmpty()) << bytes;
  }
}

TEST(HiddenText, growsNoFurtherThanAnyText) {
  const std::string bomb = gzipped(std::string(std::size_t{40} << 20, 'x'));
  Image image({1024, 1024}, 4);
  ASSERT_LT(bomb.size(), std::size_t{100'000});
  const std::string bytes = "stealth_pngcomp" + big_endian(bomb.size() * 8) + bomb;
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    const unsigned value = static_cast<unsigned char>(bytes[bit / 8]) >> (7 - bit % 8) & 1u;
    image.row8(static_cast<int>(bit % 1024))[bit / 1024 * 4 + 3] = static_cast<std::uint8_t>(value);
  }
  EXPECT_THAT(metadata_of(image).parameters, IsEmpty());
}

}  // namespace
}  // namespace easel
