#include <png.h>

#include <bit>
#include <csetjmp>
#include <string>

#include "core/error.h"
#include "image/exif.h"
#include "image/formats.h"
#include "image/png_problem.h"
#include "image/png_source.h"
#include "image/png_texts.h"

namespace easel::formats {
namespace {

// The most that a colour profile can swell to; texts do not come this way.
constexpr std::size_t kMaxChunk = std::size_t{4} << 20;

struct Reader {
  Reader() {
    png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &problem, on_png_error, on_png_warning);
    if (png != nullptr) info = png_create_info_struct(png);
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { png_destroy_read_struct(&png, &info, nullptr); }

  PngProblem problem;
  png_structp png = nullptr;
  png_infop info = nullptr;
  PngSource source;
  png_uint_32 width = 0;
  png_uint_32 height = 0;
  int channels = 0;
  int bits = 0;
  int orientation = 1;  // once the metadata is read
  std::vector<png_bytep> rows;
};

void take_bytes(png_structp png, png_bytep out, png_size_t count) {
  auto& source = *static_cast<PngSource*>(png_get_io_ptr(png));
  if (!source.take({out, count})) png_error(png, "it ends too early");
}

// Each of these is false when libpng jumped out of it.

bool read_header(Reader& reader) {
  png_structp png = reader.png;
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_set_read_fn(png, &reader.source, take_bytes);
  png_set_user_limits(png, 0x7fffffff, 0x7fffffff);  // the pixels are counted by check_size
  png_set_chunk_malloc_max(png, kMaxChunk);
  png_set_chunk_cache_max(png, 0);
  png_read_info(png, reader.info);
  reader.width = png_get_image_width(png, reader.info);
  reader.height = png_get_image_height(png, reader.info);
  return true;
}

// Takes memory for a row: only after the size is checked.
bool prepare_pixels(Reader& reader) {
  png_structp png = reader.png;
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  // To gray, RGB or RGBA of 8 or 16 bits.
  if (png_get_color_type(png, reader.info) == PNG_COLOR_TYPE_GRAY_ALPHA ||
      (png_get_color_type(png, reader.info) == PNG_COLOR_TYPE_GRAY &&
       png_get_valid(png, reader.info, PNG_INFO_tRNS) != 0)) {
    png_set_gray_to_rgb(png);
  }
  png_set_expand(png);
  if constexpr (std::endian::native == std::endian::little) png_set_swap(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, reader.info);
  reader.channels = png_get_channels(png, reader.info);
  reader.bits = png_get_bit_depth(png, reader.info);
  return true;
}

bool read_pixels(Reader& reader) {
  if (setjmp(png_jmpbuf(reader.png)) != 0) return false;
  png_read_image(reader.png, reader.rows.data());
  png_read_end(reader.png, reader.info);
  return true;
}

[[noreturn]] void fail_read(const Reader& reader, std::string_view name) {
  fail(ErrorCode::kInvalidFile, "the PNG {} is broken: {}", name, reader.problem.message.data());
}

// libpng's getters do not jump.
ImageMetadata metadata_of(Reader& reader, std::vector<std::string>& notes) {
  ImageMetadata metadata;
  take_png_texts(reader.source.texts(), metadata, notes);
  reader.orientation = take_exif(reader.source.exif(), metadata);
  png_charp profile_name = nullptr;
  int compression = 0;
  png_bytep profile = nullptr;
  png_uint_32 size = 0;
  if (png_get_iCCP(reader.png, reader.info, &profile_name, &compression, &profile, &size) != 0) {
    metadata.icc.assign(profile, profile + size);
  }
  return metadata;
}

// Everything before the pixels, checked.
void open(Reader& reader, std::span<const std::uint8_t> bytes, std::string_view name,
          DecodeLimits limits) {
  if (reader.info == nullptr) fail(ErrorCode::kNoMemory, "out of memory reading {}", name);
  reader.source = PngSource(bytes, name);
  if (!read_header(reader)) fail_read(reader, name);
  check_size(reader.width, reader.height, name, limits);
  if (!prepare_pixels(reader)) fail_read(reader, name);
}

}  // namespace

PictureFacts png_facts(std::span<const std::uint8_t> bytes, std::string_view name,
                       DecodeLimits limits) {
  Reader reader;
  open(reader, bytes, name, limits);
  const Image::Size stored{static_cast<int>(reader.width), static_cast<int>(reader.height)};
  PictureFacts facts{.format = ImageFormat::kPng,
                     .channels = reader.channels,
                     .bits = reader.bits,
                     .is_animated = reader.source.frames() > 1};
  facts.metadata = metadata_of(reader, facts.notes);
  facts.size = oriented(stored, reader.orientation);
  return facts;
}

Picture decode_png(std::span<const std::uint8_t> bytes, std::string_view name,
                   DecodeLimits limits) {
  Reader reader;
  open(reader, bytes, name, limits);
  if (reader.source.frames() > 1) refuse_animation(ImageFormat::kPng, name);
  Picture picture;
  picture.format = ImageFormat::kPng;
  picture.image = Image({static_cast<int>(reader.width), static_cast<int>(reader.height)},
                        reader.channels, reader.bits);
  reader.rows = png_rows(picture.image);
  if (!read_pixels(reader)) fail_read(reader, name);
  picture.metadata = metadata_of(reader, picture.notes);
  picture.image = oriented(picture.image, reader.orientation);
  return picture;
}

}  // namespace easel::formats
