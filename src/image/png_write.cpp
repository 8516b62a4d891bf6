#include <png.h>

#include <bit>
#include <csetjmp>
#include <optional>
#include <string>

#include "core/error.h"
#include "core/utf8.h"
#include "image/encodings.h"
#include "image/exif.h"
#include "image/formats.h"
#include "image/png_problem.h"
#include "image/png_texts.h"
#include "image/xmp.h"

namespace easel::formats {
namespace {

struct Writer {
  Writer() {
    png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &problem, on_png_error, on_png_warning);
    if (png != nullptr) info = png_create_info_struct(png);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() { png_destroy_write_struct(&png, &info); }

  PngProblem problem;
  png_structp png = nullptr;
  png_infop info = nullptr;
  std::vector<std::uint8_t> bytes;
  std::vector<png_bytep> rows;
  std::vector<png_text> texts;
  std::vector<std::uint8_t> exif;
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
  if (!writer.exif.empty()) {
    png_set_eXIf_1(png, info, static_cast<png_uint_32>(writer.exif.size()), writer.exif.data());
  }
  if (!writer.texts.empty()) {
    png_set_text(png, info, writer.texts.data(), static_cast<int>(writer.texts.size()));
  }
  png_write_info(png, info);
  if constexpr (std::endian::native == std::endian::little) png_set_swap(png);
  png_write_image(png, writer.rows.data());
  png_write_end(png, nullptr);  // given `info`, libpng writes eXIf once more
  return true;
}

// The bytes of a text chunk. They stay where they are while libpng points at them.
struct Text {
  std::string key;
  std::string bytes;
  bool is_utf8 = false;
};

// tEXt where Latin-1 holds it, else iTXt; XMP is always the latter.
Text text_for(std::string_view key, std::string utf8) {
  auto plain = latin1_from_utf8(utf8);
  if (plain && !fits_latin1_chunk(*plain)) plain.reset();
  if (key == kPngXmpKey) plain.reset();
  return {std::string(key), plain ? std::move(*plain) : std::move(utf8), !plain};
}

png_text chunk_of(Text& text) {
  png_text chunk{};
  chunk.key = text.key.data();
  chunk.compression = text.is_utf8 ? PNG_ITXT_COMPRESSION_NONE : PNG_TEXT_COMPRESSION_NONE;
  chunk.text = text.bytes.data();
  chunk.text_length = text.is_utf8 ? 0 : text.bytes.size();
  chunk.itxt_length = text.is_utf8 ? text.bytes.size() : 0;
  return chunk;
}

// A chunk's text ends at its first zero byte.
std::string without_zeros(std::string_view text) {
  std::string out = valid_utf8(text);
  std::erase(out, '\0');
  return out;
}

// A keyword is 1 to 79 printable Latin-1 letters (PNG, 11.3.4.2).
std::optional<std::string> keyword(std::string_view key) {
  auto plain = latin1_from_utf8(key);
  const bool sound =
      plain && !plain->empty() && plain->size() <= 79 && plain->find('\n') == std::string::npos;
  return sound ? plain : std::nullopt;
}

std::vector<Text> texts_of(const ImageMetadata& metadata) {
  std::vector<Text> texts;
  const auto add = [&](std::string_view key, std::string_view text) {
    const auto name = keyword(key);
    if (name && !text.empty()) texts.push_back(text_for(*name, without_zeros(text)));
  };
  add(kPngParametersKey, metadata.parameters);
  add(kPngEaselKey, metadata.easel);
  add(kPngXmpKey, upright_xmp(metadata.xmp));
  for (const NamedText& text : metadata.texts) add(text.key, text.text);
  return texts;
}

}  // namespace

std::vector<std::uint8_t> encode_png(const Image& image, const EncodeOptions& options) {
  Writer writer;
  if (writer.info == nullptr) fail(ErrorCode::kNoMemory, "out of memory writing a PNG");
  std::vector<Text> texts = texts_of(options.metadata);
  for (Text& text : texts) writer.texts.push_back(chunk_of(text));
  writer.exif = kept_exif(options.metadata.exif, image.size());
  writer.rows = png_rows(image);
  if (!write_all(writer, image, options)) {
    fail(ErrorCode::kIo, "could not encode a PNG: {}", writer.problem.message.data());
  }
  return std::move(writer.bytes);
}

}  // namespace easel::formats
