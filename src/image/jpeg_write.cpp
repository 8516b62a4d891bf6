#include <algorithm>
#include <csetjmp>
#include <cstdlib>
#include <utility>

#include "core/error.h"
#include "core/printable.h"
#include "image/exif.h"
#include "image/formats.h"
#include "image/jpeg_errors.h"
#include "image/xmp.h"

namespace easel::formats {
namespace {

constexpr std::size_t kMaxMarkerData = 65533;
constexpr std::string_view kExifHeader{"Exif\0\0", 6};
constexpr std::string_view kXmpHeader{"http://ns.adobe.com/xap/1.0/\0", 29};

using Bytes = std::vector<std::uint8_t>;

Bytes with_header(std::string_view header, std::span<const std::uint8_t> data) {
  if (data.empty()) return {};
  Bytes bytes(header.begin(), header.end());
  bytes.insert(bytes.end(), data.begin(), data.end());
  return bytes;
}

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// What stands beside the pixels, each no longer than a marker can be.
struct Markers {
  Bytes exif;
  Bytes xmp;
  Bytes comment;
  std::vector<std::string> left_out;
};

// What gives way where all does not fit into one marker: the longest of other programs' texts,
// Easel's own record, at last the camera's block. False: nothing is left but the parameters.
bool drop_one(ImageMetadata& metadata, std::vector<std::string>& left_out) {
  if (!metadata.texts.empty()) {
    const auto longest = std::ranges::max_element(
        metadata.texts, {}, [](const NamedText& text) { return text.text.size(); });
    left_out.push_back(fmt::format("the text '{}'", printable(longest->key)));
    metadata.texts.erase(longest);
  } else if (!metadata.easel.empty()) {
    metadata.easel.clear();
  } else if (!metadata.exif.empty()) {
    left_out.emplace_back("the camera's EXIF");
    metadata.exif.clear();
  } else {
    return false;
  }
  return true;
}

Bytes exif_marker(ImageMetadata metadata, Image::Size size, std::vector<std::string>& left_out) {
  Bytes exif = with_header(kExifHeader, exif_for(metadata, size));
  while (exif.size() > kMaxMarkerData) {
    if (!drop_one(metadata, left_out)) {
      fail(ErrorCode::kUsage,
           "the settings are too long for a JPEG: {} bytes, at most {} fit; a PNG holds them",
           exif.size(), kMaxMarkerData);
    }
    exif = with_header(kExifHeader, exif_for(metadata, size));
  }
  return exif;
}

// A JPEG has a marker for one comment, and another for XMP.
Markers markers_for(const ImageMetadata& metadata, Image::Size size) {
  Markers markers;
  ImageMetadata rest = metadata;
  const auto comment = std::ranges::find(rest.texts, kJpegCommentKey, &NamedText::key);
  if (comment != rest.texts.end() && comment->text.size() <= kMaxMarkerData) {
    markers.comment = with_header("", bytes_of(comment->text));
    rest.texts.erase(comment);
  }
  markers.xmp = with_header(kXmpHeader, bytes_of(upright_xmp(metadata.xmp)));
  if (markers.xmp.size() > kMaxMarkerData) {
    markers.xmp.clear();
    markers.left_out.emplace_back("its XMP");
  }
  markers.exif = exif_marker(std::move(rest), size, markers.left_out);
  return markers;
}

struct Writer {
  Writer() { jpeg.err = prepare(errors); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() {
    jpeg_destroy_compress(&jpeg);
    std::free(data);
  }

  JpegErrors errors;
  jpeg_compress_struct jpeg{};
  unsigned char* data = nullptr;
  unsigned long size = 0;
};

bool write_all(Writer& writer, const Image& image, const EncodeOptions& options,
               const Markers& markers) {
  if (setjmp(writer.errors.jump) != 0) return false;
  auto* jpeg = &writer.jpeg;
  jpeg_create_compress(jpeg);
  jpeg_mem_dest(jpeg, &writer.data, &writer.size);
  jpeg->image_width = static_cast<JDIMENSION>(image.width());
  jpeg->image_height = static_cast<JDIMENSION>(image.height());
  jpeg->input_components = image.channels();
  jpeg->in_color_space = image.channels() == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(jpeg);
  jpeg_set_quality(jpeg, options.quality, TRUE);
  jpeg->optimize_coding = TRUE;
  if (options.quality >= 90) {  // colour as sharp as light
    jpeg->comp_info[0].h_samp_factor = 1;
    jpeg->comp_info[0].v_samp_factor = 1;
  }
  jpeg_start_compress(jpeg, TRUE);
  const auto put = [&](int marker, std::span<const std::uint8_t> data) {
    if (!data.empty()) {
      jpeg_write_marker(jpeg, marker, data.data(), static_cast<unsigned>(data.size()));
    }
  };
  put(JPEG_APP0 + 1, markers.exif);
  put(JPEG_APP0 + 1, markers.xmp);
  const auto icc = fitting_profile(options.metadata.icc, image.channels());
  if (!icc.empty()) jpeg_write_icc_profile(jpeg, icc.data(), static_cast<unsigned>(icc.size()));
  put(JPEG_COM, markers.comment);
  while (jpeg->next_scanline < jpeg->image_height) {
    auto* row = const_cast<JSAMPROW>(image.row8(static_cast<int>(jpeg->next_scanline)).data());
    jpeg_write_scanlines(jpeg, &row, 1);
  }
  jpeg_finish_compress(jpeg);
  return true;
}

}  // namespace

std::vector<std::string> jpeg_left_out(const ImageMetadata& metadata) {
  try {
    return markers_for(metadata, {}).left_out;
  } catch (const Error&) {
    return {};  // encode_jpeg says why
  }
}

std::vector<std::uint8_t> encode_jpeg(const Image& image, const EncodeOptions& options) {
  if (image.width() > JPEG_MAX_DIMENSION || image.height() > JPEG_MAX_DIMENSION) {
    fail(ErrorCode::kUsage, "a JPEG holds at most {0} x {0} pixels, not {1} x {2}",
         static_cast<int>(JPEG_MAX_DIMENSION), image.width(), image.height());
  }
  const Markers markers = markers_for(options.metadata, image.size());
  const bool as_is = image.bits() == 8 && !image.has_alpha();
  const Image converted = as_is ? Image() : to_rgb8(image);
  Writer writer;
  if (!write_all(writer, as_is ? image : converted, options, markers)) {
    fail(ErrorCode::kIo, "could not encode a JPEG: {}", writer.errors.message.data());
  }
  return {writer.data, writer.data + writer.size};
}

}  // namespace easel::formats
