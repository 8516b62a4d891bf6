// Kinds of JPEG that Easel does not write itself.

#include <gmock/gmock.h>
#include <lcms2.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "core/error.h"
#include "image/codec.h"
#include "image/facts.h"
#include "image/jpeg_errors.h"
#include "pictures.h"

namespace easel {
namespace {

using ::testing::HasSubstr;
using testing::noisy;
using testing::ramp;
using Bytes = std::vector<std::uint8_t>;

struct JpegOptions {
  J_COLOR_SPACE given = JCS_CMYK;
  J_COLOR_SPACE stored = JCS_CMYK;
  bool arithmetic = false;
  Bytes icc = {};
};

// A picture of samples as they are given, `channels` a pixel.
Bytes jpeg_of(const Bytes& samples, Image::Size size, int channels, const JpegOptions& options) {
  jpeg_compress_struct jpeg;
  jpeg_error_mgr errors;
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* data = nullptr;
  unsigned long bytes = 0;
  jpeg_mem_dest(&jpeg, &data, &bytes);
  jpeg.image_width = static_cast<JDIMENSION>(size.width);
  jpeg.image_height = static_cast<JDIMENSION>(size.height);
  jpeg.input_components = channels;
  jpeg.in_color_space = options.given;
  jpeg_set_defaults(&jpeg);
  jpeg_set_colorspace(&jpeg, options.stored);
  jpeg.arith_code = options.arithmetic ? TRUE : FALSE;
  jpeg_set_quality(&jpeg, 100, TRUE);
  jpeg_start_compress(&jpeg, TRUE);
  if (!options.icc.empty()) {
    jpeg_write_icc_profile(&jpeg, options.icc.data(), static_cast<unsigned>(options.icc.size()));
  }
  const std::size_t stride = static_cast<std::size_t>(size.width * channels);
  for (std::size_t y = 0; y < static_cast<std::size_t>(size.height); ++y) {
    JSAMPROW row = const_cast<JSAMPROW>(samples.data() + y * stride);
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  Bytes out(data, data + bytes);
  std::free(data);
  return out;
}

// One colour, inverted; the inks are of 255.
Bytes inks(Image::Size size, const std::array<int, 4>& inks = {200, 30, 60, 40}) {
  Bytes samples;
  for (int i = 0; i < size.width * size.height; ++i) {
    for (const int ink : inks) samples.push_back(static_cast<std::uint8_t>(255 - ink));
  }
  return samples;
}

void expect_colour(const Image& image, int red, int green, int blue, int within) {
  ASSERT_EQ(image.channels(), 3);
  for (int y = 0; y < image.height(); ++y) {
    for (int x = 0; x < image.width(); ++x) {
      const auto* pixel = image.row8(y).data() + 3 * x;
      EXPECT_NEAR(pixel[0], red, within);
      EXPECT_NEAR(pixel[1], green, within);
      EXPECT_NEAR(pixel[2], blue, within);
    }
  }
}

constexpr Image::Size kSize{16, 8};

// Pillow's convert("RGB") gives (46, 190, 164).
TEST(Cmyk, withoutAProfileIsWhatTheInksLeaveOfWhite) {
  for (const J_COLOR_SPACE stored : {JCS_CMYK, JCS_YCCK}) {
    const Bytes bytes = jpeg_of(inks(kSize), kSize, 4, {.stored = stored});
    expect_colour(decode_picture(bytes).image, 46, 190, 164, 2);
    EXPECT_EQ(facts_of_picture(bytes).channels, 3);
  }
}

// A profile in which the first ink is pink (L* 70, a* 40, b* 10), paper is white, and all else
// black.
Bytes pink_profile() {
  cmsHPROFILE profile = cmsCreateProfilePlaceholder(nullptr);
  cmsSetProfileVersion(profile, 2.1);
  cmsSetDeviceClass(profile, cmsSigOutputClass);
  cmsSetColorSpace(profile, cmsSigCmykData);
  cmsSetPCS(profile, cmsSigLabData);
  std::vector<cmsUInt16Number> table;
  for (int corner = 0; corner < 16; ++corner) {  // the first ink changes last
    const cmsCIELab white{100, 0, 0}, pink{70, 40, 10}, black{0, 0, 0};
    cmsUInt16Number encoded[3];
    cmsFloat2LabEncodedV2(encoded, corner == 0 ? &white : corner == 8 ? &pink : &black);
    table.insert(table.end(), encoded, encoded + 3);
  }
  cmsPipeline* inks_to_lab = cmsPipelineAlloc(nullptr, 4, 3);
  cmsPipelineInsertStage(inks_to_lab, cmsAT_BEGIN,
                         cmsStageAllocCLut16bit(nullptr, 2, 4, 3, table.data()));
  cmsWriteTag(profile, cmsSigAToB0Tag, inks_to_lab);
  cmsPipelineFree(inks_to_lab);
  cmsUInt32Number size = 0;
  cmsSaveProfileToMem(profile, nullptr, &size);
  Bytes bytes(size);
  cmsSaveProfileToMem(profile, bytes.data(), &size);
  cmsCloseProfile(profile);
  return bytes;
}

// CIE Lab (70, 40, 10) of D50 in sRGB, by the formulas of CSS Color 4, is (241, 141, 155).
TEST(Cmyk, goesThroughItsProfileWhichIsNotKept) {
  const Bytes pink = inks(kSize, {255, 0, 0, 0});
  const Picture picture = decode_picture(jpeg_of(pink, kSize, 4, {.icc = pink_profile()}));
  expect_colour(picture.image, 241, 141, 155, 4);
  EXPECT_TRUE(picture.metadata.icc.empty());
}

TEST(Cmyk, withAProfileForOtherColoursOrABrokenOneIsAsWithout) {
  Bytes broken = pink_profile();
  broken.resize(broken.size() / 2);
  for (const Bytes& icc : {broken, Bytes(200, 7)}) {
    const Picture picture = decode_picture(jpeg_of(inks(kSize), kSize, 4, {.icc = icc}));
    expect_colour(picture.image, 46, 190, 164, 2);
  }
}

TEST(Arithmetic, isReadAndIsAnErrorWhereItIsCut) {
  const Image gray = noisy({64, 64}, 1);
  const Bytes samples(gray.samples8().begin(), gray.samples8().end());
  const Bytes bytes =
      jpeg_of(samples, gray.size(), 1,
              {.given = JCS_GRAYSCALE, .stored = JCS_GRAYSCALE, .arithmetic = true});
  EXPECT_LE(testing::largest_difference(decode_picture(bytes).image, gray), 3);
  EXPECT_THROW(decode_picture(Bytes(bytes.begin(), bytes.end() - 100)), Error);
}

// The frame's marker, or its precision, is another.
TEST(Refused, byNameAreJpegsOfOtherKinds) {
  const Bytes bytes = encode_picture(ramp(), ImageFormat::kJpeg);
  const std::array<std::uint8_t, 3> marker{0xff, 0xc0, 0};
  const auto frame = std::search(bytes.begin(), bytes.end(), marker.begin(), marker.end());
  ASSERT_NE(frame, bytes.end());
  const auto at = static_cast<std::size_t>(frame - bytes.begin());
  Bytes twelve_bits = bytes, lossless = bytes;
  twelve_bits[at + 4] = 12;
  lossless[at + 1] = 0xc3;
  for (const Bytes& other : {twelve_bits, lossless}) {
    try {
      decode_picture(other, "x.jpg");
      ADD_FAILURE() << "it was read";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUnsupported) << error.what();
      EXPECT_THAT(error.what(), HasSubstr("x.jpg is of a kind that is not read"));
    }
  }
}

}  // namespace
}  // namespace easel
