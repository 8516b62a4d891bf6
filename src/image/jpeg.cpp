#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdlib>
#include <cstring>

// libjpeg's headers need this order.
// clang-format off
#include <cstdio>
#include <jpeglib.h>
#include <jerror.h>
// clang-format on

#include "core/error.h"
#include "image/exif.h"
#include "image/formats.h"

// libjpeg reports errors by longjmp. Everything it is called from keeps its objects in a struct
// that outlives the jump, so that none is skipped or leaked.

namespace easel::formats {
namespace {

constexpr unsigned kMarkerLength = 0xffff;
constexpr std::size_t kMaxMarkerData = 65533;
// A progressive file needs about ten scans of its pixels; one of 500 is no picture, and 20 of 32
// million pixels each take two seconds.
constexpr int kMaxScans = 500;
constexpr std::int64_t kMaxScannedPixels = 20 * (std::int64_t{32} << 20);
constexpr std::string_view kExifHeader{"Exif\0\0", 6};

struct ErrorState {
  jpeg_error_mgr manager;  // first: libjpeg knows this object by its address
  jmp_buf jump;
  std::array<char, JMSG_LENGTH_MAX> message{};
  bool end_is_missing = false;
};

[[noreturn]] void on_error(j_common_ptr info) {
  auto* state = reinterpret_cast<ErrorState*>(info->err);
  info->err->format_message(info, state->message.data());
  std::longjmp(state->jump, 1);
}

// Lost pixels are only a warning to libjpeg, which fills in gray; here they are an error. What
// costs no pixel, and many cameras and programs write, is let pass: junk between markers, odd
// versions and scan parameters, a profile that is broken, no end marker (whether all scans had come
// is looked at afterwards; a scan that is cut short itself is JWRN_HIT_MARKER).
void on_message(j_common_ptr info, int level) {
  if (level >= 0) return;
  auto* state = reinterpret_cast<ErrorState*>(info->err);
  switch (info->err->msg_code) {
    case JWRN_JPEG_EOF:
      state->end_is_missing = true;
      return;
    case JWRN_NOT_SEQUENTIAL:
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_ADOBE_XFORM:
    case JWRN_JFIF_MAJOR:
    case JWRN_BOGUS_PROGRESSION:
    case JWRN_BOGUS_ICC:
      return;
    default:
      on_error(info);
  }
}

jpeg_error_mgr* prepare(ErrorState& state) {
  jpeg_std_error(&state.manager);
  state.manager.error_exit = on_error;
  state.manager.emit_message = on_message;
  state.manager.output_message = [](j_common_ptr) {};
  return &state.manager;
}

void limit_scans(j_common_ptr info) {
  if (info->is_decompressor == 0) return;
  const auto* jpeg = reinterpret_cast<j_decompress_ptr>(info);
  const std::int64_t pixels = std::int64_t{jpeg->image_width} * jpeg->image_height;
  if (jpeg->input_scan_number > kMaxScans || jpeg->input_scan_number * pixels > kMaxScannedPixels) {
    auto* state = reinterpret_cast<ErrorState*>(info->err);
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

  ErrorState errors;
  jpeg_decompress_struct jpeg{};
  jpeg_progress_mgr progress{};
  JOCTET* icc = nullptr;
  unsigned icc_size = 0;
  bool has_all_scans = true;
};

bool read_header(Reader& reader, std::span<const std::uint8_t> bytes) {
  if (setjmp(reader.errors.jump) != 0) return false;
  jpeg_create_decompress(&reader.jpeg);
  reader.jpeg.progress = &reader.progress;
  jpeg_mem_src(&reader.jpeg, bytes.data(), static_cast<unsigned long>(bytes.size()));
  jpeg_save_markers(&reader.jpeg, JPEG_APP0 + 1, kMarkerLength);
  jpeg_save_markers(&reader.jpeg, JPEG_APP0 + 2, kMarkerLength);
  jpeg_read_header(&reader.jpeg, TRUE);
  return true;
}

// Whether every component had its scans, of a progressive file down to the last bit.
bool has_all_scans(const jpeg_decompress_struct& jpeg) {
  for (int c = 0; c < jpeg.num_components; ++c) {
    if (jpeg.comp_info[c].quant_table == nullptr) return false;
    if (jpeg.coef_bits == nullptr) continue;
    const int* bits = jpeg.coef_bits[c];
    if (std::any_of(bits, bits + DCTSIZE2, [](int left) { return left != 0; })) return false;
  }
  return true;
}

bool read_pixels(Reader& reader, Image& image) {
  if (setjmp(reader.errors.jump) != 0) return false;
  jpeg_read_icc_profile(&reader.jpeg, &reader.icc, &reader.icc_size);
  reader.jpeg.out_color_space = image.channels() == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_start_decompress(&reader.jpeg);
  while (reader.jpeg.output_scanline < reader.jpeg.output_height) {
    JSAMPROW row = image.row8(static_cast<int>(reader.jpeg.output_scanline)).data();
    jpeg_read_scanlines(&reader.jpeg, &row, 1);
  }
  reader.has_all_scans = has_all_scans(reader.jpeg);
  jpeg_finish_decompress(&reader.jpeg);
  return true;
}

[[noreturn]] void fail_read(const Reader& reader, std::string_view name) {
  fail(ErrorCode::kInvalidFile, "the JPEG {} is broken: {}", name, reader.errors.message.data());
}

Exif exif_of(const Reader& reader) {
  for (const auto* marker = reader.jpeg.marker_list; marker != nullptr; marker = marker->next) {
    const std::span<const std::uint8_t> data{marker->data, marker->data_length};
    const std::string_view text{reinterpret_cast<const char*>(data.data()), data.size()};
    if (marker->marker == JPEG_APP0 + 1 && text.starts_with(kExifHeader)) return read_exif(data);
  }
  return {};
}

struct Writer {
  Writer() { jpeg.err = prepare(errors); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() {
    jpeg_destroy_compress(&jpeg);
    std::free(data);
  }

  ErrorState errors;
  jpeg_compress_struct jpeg{};
  unsigned char* data = nullptr;
  unsigned long size = 0;
};

bool write_all(Writer& writer, const Image& image, const EncodeOptions& options,
               const std::vector<std::uint8_t>& exif) {
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
  if (!exif.empty()) {
    jpeg_write_marker(jpeg, JPEG_APP0 + 1, exif.data(), static_cast<unsigned>(exif.size()));
  }
  const auto icc = fitting_profile(options.metadata.icc, image.channels());
  if (!icc.empty()) jpeg_write_icc_profile(jpeg, icc.data(), static_cast<unsigned>(icc.size()));
  while (jpeg->next_scanline < jpeg->image_height) {
    auto* row = const_cast<JSAMPROW>(image.row8(static_cast<int>(jpeg->next_scanline)).data());
    jpeg_write_scanlines(jpeg, &row, 1);
  }
  jpeg_finish_compress(jpeg);
  return true;
}

// Where both texts do not fit into a marker, Easel's own record gives way.
std::vector<std::uint8_t> exif_marker(const ImageMetadata& metadata) {
  auto exif = write_exif({.user_comment = metadata.parameters, .easel = metadata.easel});
  if (exif.size() + kExifHeader.size() > kMaxMarkerData) {
    exif = write_exif({.user_comment = metadata.parameters, .easel = {}});
  }
  if (exif.size() + kExifHeader.size() > kMaxMarkerData) {
    fail(ErrorCode::kUsage,
         "the settings are too long for a JPEG: {} bytes, at most {} fit; a PNG holds them",
         exif.size(), kMaxMarkerData);
  }
  if (!exif.empty()) exif.insert(exif.begin(), kExifHeader.begin(), kExifHeader.end());
  return exif;
}

}  // namespace

PictureFacts jpeg_facts(std::span<const std::uint8_t> bytes, std::string_view name,
                        DecodeLimits limits) {
  Reader reader;
  if (!read_header(reader, bytes)) fail_read(reader, name);
  check_size(reader.jpeg.image_width, reader.jpeg.image_height, name, limits);
  const auto exif = exif_of(reader);
  const Image::Size stored{static_cast<int>(reader.jpeg.image_width),
                           static_cast<int>(reader.jpeg.image_height)};
  return {.format = ImageFormat::kJpeg,
          .size = oriented(stored, exif.orientation),
          .channels = reader.jpeg.num_components,
          .metadata = {.icc = {}, .parameters = exif.user_comment, .easel = exif.easel}};
}

Picture decode_jpeg(std::span<const std::uint8_t> bytes, std::string_view name,
                    DecodeLimits limits) {
  Reader reader;
  if (!read_header(reader, bytes)) fail_read(reader, name);
  check_size(reader.jpeg.image_width, reader.jpeg.image_height, name, limits);
  if (reader.jpeg.num_components != 1 && reader.jpeg.num_components != 3) {
    fail(ErrorCode::kUnsupported,
         "the JPEG {} has {} colour components (CMYK): save it as RGB or gray", name,
         reader.jpeg.num_components);
  }
  const auto exif = exif_of(reader);
  Image image(
      {static_cast<int>(reader.jpeg.image_width), static_cast<int>(reader.jpeg.image_height)},
      reader.jpeg.num_components);
  if (!read_pixels(reader, image)) fail_read(reader, name);
  if (reader.errors.end_is_missing && !reader.has_all_scans) {
    fail(ErrorCode::kInvalidFile, "the JPEG {} is cut short: scans are missing at its end", name);
  }
  Picture picture{.image = oriented(image, exif.orientation),
                  .metadata = {.icc = {}, .parameters = exif.user_comment, .easel = exif.easel},
                  .format = ImageFormat::kJpeg};
  if (reader.icc != nullptr) picture.metadata.icc.assign(reader.icc, reader.icc + reader.icc_size);
  return picture;
}

std::vector<std::uint8_t> encode_jpeg(const Image& image, const EncodeOptions& options) {
  if (image.width() > JPEG_MAX_DIMENSION || image.height() > JPEG_MAX_DIMENSION) {
    fail(ErrorCode::kUsage, "a JPEG holds at most {0} x {0} pixels, not {1} x {2}",
         static_cast<int>(JPEG_MAX_DIMENSION), image.width(), image.height());
  }
  const auto exif = exif_marker(options.metadata);
  const bool as_is = image.bits() == 8 && !image.has_alpha();
  const Image converted = as_is ? Image() : to_rgb8(image);
  Writer writer;
  if (!write_all(writer, as_is ? image : converted, options, exif)) {
    fail(ErrorCode::kIo, "could not encode a JPEG: {}", writer.errors.message.data());
  }
  return {writer.data, writer.data + writer.size};
}

}  // namespace easel::formats
