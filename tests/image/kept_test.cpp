// What other programs and cameras put beside the pixels stays with the picture.

#include <gmock/gmock.h>
#include <zlib.h>

#include <algorithm>

#include "core/error.h"
#include "image/codec.h"
#include "image/exif.h"
#include "image/facts.h"
#include "image/tiff.h"
#include "image/xmp.h"
#include "pictures.h"

namespace easel {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::picture_bytes;
using testing::ramp;
using Bytes = std::vector<std::uint8_t>;

// A camera's: Make, orientation 6, the date, the picture's width, a second directory for a
// thumbnail.
Bytes camera_exif(bool big_endian) {
  Bytes out;
  const auto number = [&](std::uint32_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
      const std::size_t place = big_endian ? size - 1 - i : i;
      out.push_back(static_cast<std::uint8_t>(value >> (8 * place)));
    }
  };
  const auto text = [&](std::string_view value) {
    out.insert(out.end(), value.begin(), value.end());
  };
  const auto entry = [&](std::uint32_t tag, std::uint32_t type, std::uint32_t count,
                         std::uint32_t value) {
    number(tag, 2);
    number(type, 2);
    number(count, 4);
    if (type == tiff::kShort) {
      number(value, 2);
      number(0, 2);
    } else {
      number(value, 4);
    }
  };
  text(big_endian ? "MM" : "II");
  number(42, 2);
  number(8, 4);
  number(3, 2);
  entry(tiff::kMake, tiff::kAscii, 6, 200);
  entry(tiff::kOrientation, tiff::kShort, 1, 6);
  entry(tiff::kExifIfd, tiff::kLong, 1, 100);
  number(150, 4);  // the thumbnail's directory
  out.resize(100);
  number(2, 2);
  entry(0x9003, tiff::kAscii, 20, 220);
  entry(tiff::kPixelWidth, tiff::kShort, 1, 12);
  number(0, 4);
  out.resize(200);
  text(std::string_view("Canon\0", 6));
  out.resize(220);
  text(std::string_view("2020:01:02 03:04:05\0", 20));
  return out;
}

std::uint32_t number_of(const Bytes& block, std::uint32_t tag) {
  const tiff::Reader reader(block);
  std::optional<std::uint32_t> value;
  const auto look = [&](const tiff::Entry& entry) {
    if (entry.tag == tag) value = reader.integer_of(entry);
  };
  reader.each_entry(*reader.first_directory(), look);
  std::optional<std::uint32_t> exif;
  reader.each_entry(*reader.first_directory(), [&](const tiff::Entry& entry) {
    if (entry.tag == tiff::kExifIfd) exif = reader.number(entry.value, 4);
  });
  if (exif) reader.each_entry(*exif, look);
  EXPECT_TRUE(value) << tag;
  return value.value_or(0);
}

bool holds(const Bytes& bytes, std::string_view text) {
  return std::search(bytes.begin(), bytes.end(), text.begin(), text.end()) != bytes.end();
}

TEST(CamerasExif, staysInEveryFormatUpright) {
  for (const bool big_endian : {true, false}) {
    const ImageMetadata metadata{.parameters = "a fox\nSteps: 3", .exif = camera_exif(big_endian)};
    for (const auto format : testing::kFormats) {
      SCOPED_TRACE(::testing::Message() << name_of(format) << big_endian);
      const Bytes bytes = encode_picture(ramp(), format, {.lossless = true, .metadata = metadata});
      const Picture back = decode_picture(bytes);
      EXPECT_EQ(back.image.size(), ramp().size());
      EXPECT_EQ(back.metadata.parameters, metadata.parameters);
      EXPECT_TRUE(holds(back.metadata.exif, "Canon"));
      EXPECT_TRUE(holds(back.metadata.exif, "2020:01:02"));
      EXPECT_EQ(number_of(back.metadata.exif, tiff::kOrientation), 1u);
      EXPECT_EQ(number_of(back.metadata.exif, tiff::kPixelWidth), 12u);
    }
  }
}

TEST(CamerasExif, saysTheNewSizeAndHasNoThumbnail) {
  const Bytes kept = kept_exif(camera_exif(true), {100, 60});
  EXPECT_EQ(number_of(kept, tiff::kPixelWidth), 100u);
  const tiff::Reader reader(kept);
  EXPECT_EQ(reader.number(8 + 2 + 3 * 12, 4), 0u);
}

TEST(CamerasExif, isWrittenOnce) {
  const Bytes bytes =
      encode_picture(ramp(), ImageFormat::kPng, {.metadata = {.exif = camera_exif(true)}});
  const std::string_view text{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  const auto first = text.find("eXIf");
  ASSERT_NE(first, text.npos);
  EXPECT_LT(first, text.find("IDAT"));
  EXPECT_EQ(text.find("eXIf", first + 1), text.npos);
}

TEST(CamerasExif, isNoneOfEaselsOwn) {
  for (const auto format : {ImageFormat::kJpeg, ImageFormat::kWebp}) {
    const ImageMetadata own{.parameters = "a fox", .easel = "{}"};
    EXPECT_THAT(decode_picture(encode_picture(ramp(), format, {.metadata = own})).metadata.exif,
                IsEmpty());
  }
}

// A damaged block is kept as it is or left out; nothing is read or written beside it.
TEST(CamerasExif, mayBeDamaged) {
  const Bytes whole = camera_exif(false);
  const ImageMetadata more{.parameters = "p", .texts = {{"workflow", "{}"}}};
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const int bits : {0x01, 0x80, 0xff}) {
      ImageMetadata metadata = more;
      metadata.exif = whole;
      metadata.exif[i] = static_cast<std::uint8_t>(metadata.exif[i] ^ bits);
      const Bytes written = exif_for(metadata, {30, 20});
      EXPECT_EQ(read_exif(written).user_comment, "p");
      EXPECT_EQ(read_exif(written).orientation, 1);
      metadata.exif.resize(i);
      exif_for(metadata, {30, 20});
    }
  }
}

TEST(OtherTexts, stayInEveryFormat) {
  const std::vector<NamedText> texts = {{"prompt", R"({"3": {"class_type": "KSampler"}})"},
                                        {"workflow", R"({"nodes": []})"},
                                        {"invokeai_metadata", R"({"seed": 1})"},
                                        {"Software", "NovelAI"},
                                        {"Comment", "caf\u00e9 \u5317"}};
  for (const auto format : testing::kFormats) {
    for (const bool camera : {false, true}) {
      SCOPED_TRACE(::testing::Message() << name_of(format) << camera);
      const ImageMetadata metadata{
          .parameters = "a fox", .texts = texts, .exif = camera ? camera_exif(true) : Bytes()};
      const Bytes bytes = encode_picture(ramp(), format, {.metadata = metadata});
      const ImageMetadata back = decode_picture(bytes).metadata;
      EXPECT_EQ(back.parameters, "a fox");
      for (const NamedText& text : texts) EXPECT_THAT(back.texts, Contains(text)) << text.key;
      EXPECT_EQ(back.texts.size(), texts.size());
      EXPECT_EQ(holds(back.exif, "Canon"), camera);
      EXPECT_EQ(facts_of_picture(bytes).metadata.texts, back.texts);
    }
  }
}

TEST(OtherTexts, thatAJpegHasNoRoomForAreToldAndTheRestStays) {
  const ImageMetadata metadata{.parameters = "a fox",
                               .easel = "{}",
                               .texts = {{"small", "{}"}, {"workflow", std::string(70000, '{')}},
                               .xmp = std::string(70000, 'x')};
  EXPECT_THAT(left_out(metadata, ImageFormat::kJpeg),
              ElementsAre("its XMP", "the text 'workflow'"));
  EXPECT_THAT(left_out(metadata, ImageFormat::kPng), IsEmpty());
  const ImageMetadata back =
      decode_picture(encode_picture(ramp(), ImageFormat::kJpeg, {.metadata = metadata})).metadata;
  EXPECT_EQ(back.parameters, "a fox");
  EXPECT_EQ(back.easel, "{}");
  EXPECT_THAT(back.texts, ElementsAre(NamedText{"small", "{}"}));
}

TEST(Xmp, staysInEveryFormatUpright) {
  const std::string xmp = "<x:xmpmeta><rdf:Description tiff:Orientation=\"6\" a='b'/></x:xmpmeta>";
  for (const auto format : testing::kFormats) {
    const Picture back = decode_picture(encode_picture(ramp(), format, {.metadata = {.xmp = xmp}}));
    EXPECT_EQ(back.metadata.xmp,
              "<x:xmpmeta><rdf:Description tiff:Orientation=\"1\" a='b'/></x:xmpmeta>");
    EXPECT_EQ(back.image.size(), ramp().size());
  }
}

TEST(Xmp, saysAnOrientationWhereExifDoesNot) {
  EXPECT_EQ(xmp_orientation("<rdf:Description\n tiff:Orientation='8'/>"), 8);
  EXPECT_EQ(xmp_orientation("<tiff:Orientation>3</tiff:Orientation>"), 3);
  EXPECT_EQ(xmp_orientation("<tiff:Orientation>9</tiff:Orientation>"), 1);
  EXPECT_EQ(xmp_orientation("tiff:Orientation"), 1);
  ImageMetadata metadata{.xmp = "<a tiff:Orientation='8'/>"};
  EXPECT_EQ(take_exif({}, metadata), 8);
  EXPECT_EQ(take_exif(camera_exif(true), metadata), 6);
}

TEST(Xmp, propertiesAreTextWithItsEntities) {
  EXPECT_EQ(xmp_property("<d dc:title='a &amp;&#x41; &lt;b&gt; &nbsp;'/>", "dc:title"),
            "a &A <b> &nbsp;");
  EXPECT_EQ(
      xmp_property("<dc:title><rdf:Alt> <rdf:li xml:lang='x'>one</rdf:li></rdf:Alt></dc:title>",
                   "dc:title"),
      "one");
  EXPECT_EQ(xmp_property("<dc:title/>", "dc:title"), std::nullopt);
  EXPECT_EQ(xmp_property("<dc:titles>x</dc:titles>", "dc:title"), std::nullopt);
  for (const char* broken :
       {"<dc:title", "<dc:title>", "dc:title='", " dc:title=", "<dc:title>a<"}) {
    xmp_property(broken, "dc:title");
  }
}

Bytes png_chunk(std::string_view kind, std::string_view data) {
  Bytes bytes;
  const auto number = [&](std::uint32_t value) {
    for (int i = 3; i >= 0; --i) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  };
  number(static_cast<std::uint32_t>(data.size()));
  bytes.insert(bytes.end(), kind.begin(), kind.end());
  bytes.insert(bytes.end(), data.begin(), data.end());
  number(static_cast<std::uint32_t>(
      crc32(0, bytes.data() + 4, static_cast<unsigned>(bytes.size() - 4))));
  return bytes;
}

Bytes png_holding(const Bytes& more) {
  Bytes bytes = encode_picture(ramp(), ImageFormat::kPng);
  bytes.insert(bytes.begin() + 33, more.begin(), more.end());
  return bytes;
}

std::string packed(const std::string& text) {
  uLongf size = compressBound(text.size());
  std::string out(size, '\0');
  compress(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(text.data()),
           text.size());
  return out.substr(0, size);
}

TEST(PngTexts, areReadInEveryEncoding) {
  using namespace std::string_literals;
  const std::string utf8 = "caf\u00e9 \u5317";
  for (const auto& [kind, data, wanted] :
       {std::tuple{"tEXt", "parameters\0caf\xe9"s, "caf\u00e9"s},
        {"tEXt", "parameters\0"s + utf8, utf8},  // against the book, and met all the same
        {"zTXt", "parameters\0\0"s + packed("caf\xe9"), "caf\u00e9"s},
        {"iTXt", "parameters\0\0\0\0\0"s + utf8, utf8},
        {"iTXt", "parameters\0\1\0en\0key\0"s + packed(utf8), utf8}}) {
    EXPECT_EQ(facts_of_picture(png_holding(png_chunk(kind, data))).metadata.parameters, wanted)
        << kind;
  }
}

TEST(PngTexts, inLatin1ThatLooksLikeUtf8ComeBack) {
  const ImageMetadata metadata{.parameters = "\u00c3\u00a9"};  // C3 A9 in Latin-1
  EXPECT_EQ(decode_picture(encode_picture(ramp(), ImageFormat::kPng, {.metadata = metadata}))
                .metadata.parameters,
            metadata.parameters);
}

TEST(PngTexts, ofMegabytesAreReadAndLongerOnesAreTold) {
  using namespace std::string_literals;
  const std::string long_text(std::size_t{10} << 20, 'p'), too_long(std::size_t{17} << 20, 'p');
  for (const bool fits : {true, false}) {
    const std::string& text = fits ? long_text : too_long;
    for (const Bytes& one : {png_chunk("tEXt", "parameters\0"s + text),
                             png_chunk("zTXt", "parameters\0\0"s + packed(text))}) {
      const Picture picture = decode_picture(png_holding(one));
      EXPECT_EQ(picture.image, ramp());
      EXPECT_EQ(picture.metadata.parameters.size(), fits ? text.size() : 0);
      if (fits) {
        EXPECT_THAT(picture.notes, IsEmpty());
      } else {
        EXPECT_THAT(picture.notes, ElementsAre(HasSubstr("'parameters'")));
      }
    }
  }
}

TEST(Notes, tellWhatIsOddAboutAJpeg) {
  const Bytes bytes = encode_picture(ramp(), ImageFormat::kJpeg);
  EXPECT_THAT(decode_picture(bytes).notes, IsEmpty());
  EXPECT_THAT(decode_picture(Bytes(bytes.begin(), bytes.end() - 2)).notes,
              ElementsAre(HasSubstr("no end marker")));
  Bytes more = bytes;
  more.insert(more.end(), 1000, 7);
  EXPECT_THAT(decode_picture(more).notes, ElementsAre(HasSubstr("1000 bytes after its end")));
}

}  // namespace
}  // namespace easel
