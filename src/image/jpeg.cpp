#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

#include "core/error.h"
#include "core/utf8.h"
#include "image/cmyk.h"
#include "image/encodings.h"
#include "image/exif.h"
#include "image/formats.h"
#include "image/jpeg_errors.h"
#include "image/jpeg_xmp.h"
#include "image/xmp.h"

namespace easel::formats {
namespace {

constexpr unsigned kMarkerLength = 0xffff;
// A progressive file needs about ten scans of its pixels; one of 500 is no picture, and 20 of 32
// million pixels each take two seconds.
constexpr int kMaxScans = 500;
constexpr std::int64_t kMaxScannedPixels = 20 * (std::int64_t{32} << 20);
constexpr std::string_view kExifHeader{"Exif\0\0", 6};
constexpr std::string_view kXmpHeader{"http://ns.adobe.com/xap/1.0/\0", 29};

void limit_scans(j_common_ptr info) {
  if (info->is_decompressor == 0) return;
  const auto* jpeg = reinterpret_cast<j_decompress_ptr>(info);
  const std::int64_t pixels = std::int64_t{jpeg->image_width} * jpeg->image_height;
  if (jpeg->input_scan_number > kMaxScans || jpeg->input_scan_number * pixels > kMaxScannedPixels) {
    auto* state = reinterpret_cast<JpegErrors*>(info->err);
    std::strncpy(state->message.data(), "it has too many scans for its size",
                 state->message.size() - 1);
    std::longjmp(state->jump, 1);
  }
}

struct Reader {
  Reader() {
    jpeg.err = prepare(errors);
    progress.progress_monitor = limit_scans;
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() {
    jpeg_destroy_decompress(&jpeg);
    std::free(icc);
  }

  JpegErrors errors;
  jpeg_decompress_struct jpeg{};
  jpeg_progress_mgr progress{};
  JOCTET* icc = nullptr;
  unsigned icc_size = 0;
  bool has_all_scans = true;
  std::size_t bytes_after = 0;  // the end marker
  std::unique_ptr<CmykToRgb> cmyk;
  std::vector<std::uint8_t> line;  // of CMYK
};

bool read_header(Reader& reader, std::span<const std::uint8_t> bytes) {
  if (setjmp(reader.errors.jump) != 0) return false;
  jpeg_create_decompress(&reader.jpeg);
  reader.jpeg.progress = &reader.progress;
  jpeg_mem_src(&reader.jpeg, bytes.data(), static_cast<unsigned long>(bytes.size()));
  jpeg_save_markers(&reader.jpeg, JPEG_APP0 + 1, kMarkerLength);
  jpeg_save_markers(&reader.jpeg, JPEG_APP0 + 2, kMarkerLength);
  jpeg_save_markers(&reader.jpeg, JPEG_COM, kMarkerLength);
  jpeg_read_header(&reader.jpeg, TRUE);
  jpeg_read_icc_profile(&reader.jpeg, &reader.icc, &reader.icc_size);
  return true;
}

// Whether every component had its scans, of a progressive file down to the last bit. Where
// arithmetic coding stops early libjpeg goes on with zeros and does not tell.
bool has_all_scans(const jpeg_decompress_struct& jpeg) {
  if (jpeg.arith_code != 0) return false;
  for (int c = 0; c < jpeg.num_components; ++c) {
    if (jpeg.comp_info[c].quant_table == nullptr) return false;
    if (jpeg.coef_bits == nullptr) continue;
    const int* bits = jpeg.coef_bits[c];
    if (std::any_of(bits, bits + DCTSIZE2, [](int left) { return left != 0; })) return false;
  }
  return true;
}

J_COLOR_SPACE wanted_space(const jpeg_decompress_struct& jpeg) {
  return jpeg.num_components == 1 ? JCS_GRAYSCALE : jpeg.num_components == 3 ? JCS_RGB : JCS_CMYK;
}

bool read_pixels(Reader& reader, Image& image) {
  if (setjmp(reader.errors.jump) != 0) return false;
  jpeg_decompress_struct& jpeg = reader.jpeg;
  jpeg.out_color_space = wanted_space(jpeg);
  jpeg_start_decompress(&jpeg);
  while (jpeg.output_scanline < jpeg.output_height) {
    std::uint8_t* row = image.row8(static_cast<int>(jpeg.output_scanline)).data();
    JSAMPROW line = reader.cmyk ? reader.line.data() : row;
    jpeg_read_scanlines(&jpeg, &line, 1);
    if (reader.cmyk) reader.cmyk->convert(line, row, jpeg.output_width);
  }
  reader.has_all_scans = has_all_scans(jpeg);
  jpeg_finish_decompress(&jpeg);
  reader.bytes_after = reader.errors.end_is_missing ? 0 : jpeg.src->bytes_in_buffer;
  return true;
}

[[noreturn]] void fail_read(const Reader& reader, std::string_view name) {
  const int code = reader.errors.code;
  if (code == JERR_BAD_PRECISION || code == JERR_SOF_UNSUPPORTED) {
    fail(ErrorCode::kUnsupported,
         "the JPEG {} is of a kind that is not read ({}): save it with 8 bits, baseline or "
         "progressive",
         name, reader.errors.message.data());
  }
  fail(ErrorCode::kInvalidFile, "the JPEG {} is broken: {}", name, reader.errors.message.data());
}

// Everything beside the pixels. Returns the orientation.
int take_markers(const Reader& reader, ImageMetadata& metadata) {
  std::span<const std::uint8_t> exif;
  XmpExtension extension;
  for (const auto* marker = reader.jpeg.marker_list; marker != nullptr; marker = marker->next) {
    const std::span<const std::uint8_t> data{marker->data, marker->data_length};
    const std::string_view text{reinterpret_cast<const char*>(data.data()), data.size()};
    if (marker->marker == JPEG_COM && !text.empty()) {
      const std::string_view comment = text.substr(0, text.find('\0'));
      metadata.texts.push_back({std::string(kJpegCommentKey), is_utf8(comment)
                                                                  ? std::string(comment)
                                                                  : utf8_from_latin1(comment)});
    }
    if (marker->marker != JPEG_APP0 + 1) continue;
    if (text.starts_with(kExifHeader) && exif.empty()) exif = data;
    extension.add(text);
    if (text.starts_with(kXmpHeader) && metadata.xmp.empty()) {
      metadata.xmp = valid_utf8(text.substr(kXmpHeader.size()));
    }
  }
  const std::string rest =
      extension.whole(xmp_property(metadata.xmp, "xmpNote:HasExtendedXMP").value_or(""));
  if (!rest.empty()) metadata.texts.push_back({std::string(kXmpExtensionKey), valid_utf8(rest)});
  if (reader.icc != nullptr) metadata.icc.assign(reader.icc, reader.icc + reader.icc_size);
  return take_exif(exif, metadata);
}

std::vector<std::string> notes_of(const Reader& reader) {
  std::vector<std::string> notes;
  if (reader.errors.end_is_missing)
    notes.emplace_back("it has no end marker; all its rows are there");
  if (reader.bytes_after > 0) {
    notes.push_back(fmt::format("{} bytes after its end are not read", reader.bytes_after));
  }
  return notes;
}

void open(Reader& reader, std::span<const std::uint8_t> bytes, std::string_view name,
          DecodeLimits limits) {
  if (!read_header(reader, bytes)) fail_read(reader, name);
  check_size(reader.jpeg.image_width, reader.jpeg.image_height, name, limits);
  const int components = reader.jpeg.num_components;
  if (components != 1 && components != 3 && components != 4) {
    fail(ErrorCode::kUnsupported,
         "the JPEG {} has {} colour components: save it as RGB, gray or CMYK", name, components);
  }
}

}  // namespace

PictureFacts jpeg_facts(std::span<const std::uint8_t> bytes, std::string_view name,
                        DecodeLimits limits) {
  Reader reader;
  open(reader, bytes, name, limits);
  const Image::Size stored{static_cast<int>(reader.jpeg.image_width),
                           static_cast<int>(reader.jpeg.image_height)};
  PictureFacts facts{.format = ImageFormat::kJpeg,
                     .channels = reader.jpeg.num_components == 1 ? 1 : 3};
  facts.size = oriented(stored, take_markers(reader, facts.metadata));
  return facts;
}

Picture decode_jpeg(std::span<const std::uint8_t> bytes, std::string_view name,
                    DecodeLimits limits) {
  Reader reader;
  open(reader, bytes, name, limits);
  Picture picture{.format = ImageFormat::kJpeg};
  const int orientation = take_markers(reader, picture.metadata);
  const int components = reader.jpeg.num_components;
  Image image(
      {static_cast<int>(reader.jpeg.image_width), static_cast<int>(reader.jpeg.image_height)},
      components == 1 ? 1 : 3);
  if (components == 4) {
    reader.cmyk = std::make_unique<CmykToRgb>(picture.metadata.icc);
    reader.line.resize(std::size_t{4} * reader.jpeg.image_width);
    picture.metadata.icc.clear();  // it is sRGB now
  }
  if (!read_pixels(reader, image)) fail_read(reader, name);
  if (reader.errors.end_is_missing && !reader.has_all_scans) {
    fail(ErrorCode::kInvalidFile, "the JPEG {} is cut short: scans are missing at its end", name);
  }
  picture.image = oriented(image, orientation);
  picture.notes = notes_of(reader);
  return picture;
}

}  // namespace easel::formats
