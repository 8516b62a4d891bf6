#include <png.h>

#include <array>
#include <bit>
#include <csetjmp>
#include <cstring>
#include <string>

#include "core/error.h"
#include "image/exif.h"
#include "image/formats.h"
#include "image/png_source.h"
#include "image/text.h"

// libpng reports errors by longjmp. Everything it is called from keeps its objects in a struct that
// outlives the jump, so that none is skipped or leaked.

namespace easel::formats {
namespace {

// Together the most that compressed text can swell to; png_source.h lets few chunks through.
constexpr std::size_t kMaxChunk = std::size_t{4} << 20;
struct Problem {
  std::array<char, 128> message{};
};

void on_error(png_structp png, png_const_charp message) {
  auto* problem = static_cast<Problem*>(png_get_error_ptr(png));
  std::strncpy(problem->message.data(), message, problem->message.size() - 1);
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

struct Reader {
  Reader() {
    png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &problem, on_error, on_warning);
    if (png != nullptr) info = png_create_info_struct(png);
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { png_destroy_read_struct(&png, &info, nullptr); }

  Problem problem;
  png_structp png = nullptr;
  png_infop info = nullptr;
  PngSource source;
  png_uint_32 width = 0;
  png_uint_32 height = 0;
  int channels = 0;
  int bits = 0;
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

std::string text_of(const png_text& text) {
  const bool international = text.compression >= PNG_ITXT_COMPRESSION_NONE;
  const std::string_view bytes{text.text, international ? text.itxt_length : text.text_length};
  return international ? valid_utf8(bytes) : utf8_from_latin1(bytes);
}

// libpng's getters do not jump.
ImageMetadata metadata_of(Reader& reader) {
  ImageMetadata metadata;
  png_textp texts = nullptr;
  const int count = png_get_text(reader.png, reader.info, &texts, nullptr);
  for (const png_text& text : std::span(texts, static_cast<std::size_t>(count))) {
    if (text.key == kPngParametersKey) metadata.parameters = text_of(text);
    if (text.key == kPngEaselKey) metadata.easel = text_of(text);
  }
  const Exif exif = read_exif(reader.source.exif());
  if (metadata.parameters.empty()) metadata.parameters = exif.user_comment;
  if (metadata.easel.empty()) metadata.easel = exif.easel;
  png_charp profile_name = nullptr;
  int compression = 0;
  png_bytep profile = nullptr;
  png_uint_32 size = 0;
  if (png_get_iCCP(reader.png, reader.info, &profile_name, &compression, &profile, &size) != 0) {
    metadata.icc.assign(profile, profile + size);
  }
  return metadata;
}

struct Writer {
  Writer() {
    png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &problem, on_error, on_warning);
    if (png != nullptr) info = png_create_info_struct(png);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() { png_destroy_write_struct(&png, &info); }

  Problem problem;
  png_structp png = nullptr;
  png_infop info = nullptr;
  std::vector<std::uint8_t> bytes;
  std::vector<png_bytep> rows;
  std::vector<png_text> texts;
};

void put_bytes(png_structp png, png_bytep data, png_size_t count) {
  auto& bytes = *static_cast<std::vector<std::uint8_t>*>(png_get_io_ptr(png));
  try {
    bytes.insert(bytes.end(), data, data + count);
    return;
  } catch (const std::exception&) {
  }
  png_error(png, "out of memory");  // outside the handler: the jump must not skip its end
}

void flush_nothing(png_structp) {}

bool write_all(Writer& writer, const Image& image, const EncodeOptions& options) {
  png_structp png = writer.png;
  png_infop info = writer.info;
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_set_write_fn(png, &writer.bytes, put_bytes, flush_nothing);
  png_set_benign_errors(png, 1);  // a profile that does not fit is left out
  png_set_compression_level(png, options.compression);
  const int color = image.channels() == 1   ? PNG_COLOR_TYPE_GRAY
                    : image.channels() == 3 ? PNG_COLOR_TYPE_RGB
                                            : PNG_COLOR_TYPE_RGB_ALPHA;
  png_set_IHDR(png, info, static_cast<png_uint_32>(image.width()),
               static_cast<png_uint_32>(image.height()), image.bits(), color, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  const auto icc = fitting_profile(options.metadata.icc, image.channels());
  if (!icc.empty()) {
    png_set_iCCP(png, info, "ICC profile", PNG_COMPRESSION_TYPE_BASE, icc.data(),
                 static_cast<png_uint_32>(icc.size()));
  }
  if (!writer.texts.empty()) {
    png_set_text(png, info, writer.texts.data(), static_cast<int>(writer.texts.size()));
  }
  png_write_info(png, info);
  if constexpr (std::endian::native == std::endian::little) png_set_swap(png);
  png_write_image(png, writer.rows.data());
  png_write_end(png, info);
  return true;
}

// tEXt where Latin-1 holds it, else iTXt. The strings outlive the chunk.
png_text chunk_of(std::string_view key, std::string& latin1, std::string& utf8) {
  png_text chunk{};
  chunk.key = const_cast<png_charp>(key.data());
  const auto plain = latin1_from_utf8(utf8);
  if (plain) latin1 = *plain;
  chunk.compression = plain ? PNG_TEXT_COMPRESSION_NONE : PNG_ITXT_COMPRESSION_NONE;
  chunk.text = plain ? latin1.data() : utf8.data();
  chunk.text_length = plain ? latin1.size() : 0;
  chunk.itxt_length = plain ? 0 : utf8.size();
  return chunk;
}

// A chunk's text ends at its first zero byte.
std::string without_zeros(std::string_view text) {
  std::string out = valid_utf8(text);
  std::erase(out, '\0');
  return out;
}

template <typename Pointer, typename AnyImage>
void set_rows(AnyImage& image, std::vector<Pointer>& rows) {
  const auto height = static_cast<std::size_t>(image.height());
  for (std::size_t y = 0; y < height; ++y) {
    const auto* row =
        image.bits() == 16
            ? reinterpret_cast<const std::uint8_t*>(image.samples16().data() + y * image.stride())
            : image.samples8().data() + y * image.stride();
    rows.push_back(const_cast<Pointer>(row));
  }
}

}  // namespace

namespace {

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
  return {.format = ImageFormat::kPng,
          .size = oriented(stored, read_exif(reader.source.exif()).orientation),
          .channels = reader.channels,
          .bits = reader.bits,
          .metadata = metadata_of(reader),
          .is_animated = reader.source.frames() > 1};
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
  set_rows(picture.image, reader.rows);
  if (!read_pixels(reader)) fail_read(reader, name);
  picture.metadata = metadata_of(reader);
  picture.image = oriented(picture.image, read_exif(reader.source.exif()).orientation);
  return picture;
}

std::vector<std::uint8_t> encode_png(const Image& image, const EncodeOptions& options) {
  Writer writer;
  if (writer.info == nullptr) fail(ErrorCode::kNoMemory, "out of memory writing a PNG");
  std::string parameters = without_zeros(options.metadata.parameters);
  std::string easel = without_zeros(options.metadata.easel);
  std::string latin1[2];
  if (!parameters.empty()) {
    writer.texts.push_back(chunk_of(kPngParametersKey, latin1[0], parameters));
  }
  if (!easel.empty()) writer.texts.push_back(chunk_of(kPngEaselKey, latin1[1], easel));
  set_rows(image, writer.rows);
  if (!write_all(writer, image, options)) {
    fail(ErrorCode::kIo, "could not encode a PNG: {}", writer.problem.message.data());
  }
  return std::move(writer.bytes);
}

}  // namespace easel::formats
