#include "image/exif.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <optional>
#include <string_view>

#include "image/text.h"

namespace easel {
namespace {

constexpr std::uint16_t kOrientation = 0x0112;
constexpr std::uint16_t kExifIfd = 0x8769;
constexpr std::uint16_t kMakerNote = 0x927C;
constexpr std::uint16_t kUserComment = 0x9286;
constexpr std::uint16_t kShort = 3;
constexpr std::uint16_t kLong = 4;
constexpr std::uint16_t kUndefined = 7;
constexpr std::string_view kUnicode{"UNICODE\0", 8};
constexpr std::string_view kAscii{"ASCII\0\0\0", 8};
constexpr std::string_view kJis{"JIS\0\0\0\0\0", 8};
constexpr std::string_view kUndefinedCode{"\0\0\0\0\0\0\0\0", 8};
constexpr std::string_view kUtf8Mark{"\xef\xbb\xbf"};
constexpr std::string_view kMaker{"Easel\0", 6};
constexpr std::string_view kHeader{"Exif\0\0", 6};

using Bytes = std::span<const std::uint8_t>;

std::string_view text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Numbers of a TIFF block at any offset; nothing where they do not fit.
class Reader {
 public:
  explicit Reader(Bytes bytes) : bytes_(bytes), big_endian_(text_of(bytes).starts_with("MM")) {}

  bool big_endian() const { return big_endian_; }
  std::optional<std::uint32_t> number(std::size_t at, std::size_t size) const {
    const auto field = run(at, size);
    if (!field) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const std::size_t place = big_endian_ ? size - 1 - i : i;
      value |= static_cast<std::uint32_t>((*field)[i]) << (8 * place);
    }
    return value;
  }
  std::optional<Bytes> run(std::size_t at, std::size_t size) const {
    if (at > bytes_.size() || size > bytes_.size() - at) return std::nullopt;
    return bytes_.subspan(at, size);
  }

  /// Calls take(tag, type, count, where its value field lies) for each entry of a directory.
  template <typename Take>
  void each_entry(std::size_t directory, Take take) const {
    const std::uint32_t count = number(directory, 2).value_or(0);
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::size_t entry = directory + 2 + std::size_t{12} * i;
      if (!run(entry, 12)) return;
      take(*number(entry, 2), *number(entry + 2, 2), *number(entry + 4, 4), entry + 8);
    }
  }

 private:
  Bytes bytes_;
  bool big_endian_;
};

// UTF-16 of programs that follow the file's byte order and of those that do not: in most texts the
// zeros of Latin letters tell.
bool is_big_endian_text(Bytes text, bool file_is_big_endian) {
  std::ptrdiff_t zeros_first = 0;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    zeros_first += (text[i] == 0 ? 1 : 0) - (text[i + 1] == 0 ? 1 : 0);
  }
  return zeros_first == 0 ? file_is_big_endian : zeros_first > 0;
}

// What programs put behind the marker UNICODE: UTF-16 with or without a byte order mark, and, as
// Exif 3 has it, UTF-8. The latter is what is valid as such and has no zero byte: UTF-16 has one
// in every Latin letter, space and digit.
std::string unicode_comment(Bytes comment, bool big_endian) {
  const std::string_view text = text_of(comment);
  if (text.starts_with("\xfe\xff")) return utf8_from_utf16(comment.subspan(2), true);
  if (text.starts_with("\xff\xfe")) return utf8_from_utf16(comment.subspan(2), false);
  if (text.starts_with(kUtf8Mark)) return valid_utf8(text.substr(kUtf8Mark.size()));
  if (text.find('\0') == std::string_view::npos && is_valid_utf8(text)) return std::string(text);
  return utf8_from_utf16(comment, is_big_endian_text(comment, big_endian));
}

// ASCII, or whatever a program took for it.
std::string plain_comment(std::string_view text) {
  if (text.starts_with(kUtf8Mark)) text.remove_prefix(kUtf8Mark.size());
  return is_valid_utf8(text) ? std::string(text) : utf8_from_latin1(text);
}

std::string comment_of(Bytes bytes, bool big_endian) {
  const auto text = text_of(bytes);
  // Programs fill the field with zeros, or with spaces.
  const auto without_filling = [](std::string_view filled) {
    const auto last = filled.find_last_not_of(std::string_view("\0 ", 2));
    return filled.substr(0, last == std::string_view::npos ? 0 : last + 1);
  };
  const bool undefined = text.starts_with(kUndefinedCode);
  if (text.starts_with(kUnicode) || undefined) {
    const auto comment = bytes.subspan(kUnicode.size());
    const std::string_view plain = without_filling(text_of(comment));
    // An even number of bytes ends with half a letter's zero.
    if (plain.find('\0') == std::string_view::npos && is_valid_utf8(plain)) {
      return unicode_comment(comment.first(plain.size()), big_endian);
    }
    std::string decoded = unicode_comment(comment, big_endian);
    decoded.resize(without_filling(decoded).size());
    return decoded;
  }
  if (text.starts_with(kAscii) || text.starts_with(kJis)) {
    return plain_comment(without_filling(text.substr(kAscii.size())));
  }
  return plain_comment(without_filling(text));  // no marker at all
}

// Big-endian, text too: so that readers agree who take UTF-16 in the file's order, and those who
// always take it big-endian.
class Writer {
 public:
  void number(std::uint32_t value, int size) {
    for (int i = size - 1; i >= 0; --i)
      bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
  void text(std::string_view value) { bytes.insert(bytes.end(), value.begin(), value.end()); }
  void entry(std::uint16_t tag, std::uint16_t type, std::size_t count, std::size_t value) {
    number(tag, 2);
    number(type, 2);
    number(static_cast<std::uint32_t>(count), 4);
    number(static_cast<std::uint32_t>(value), 4);
  }

  std::vector<std::uint8_t> bytes;
};

}  // namespace

std::vector<std::uint8_t> utf16_bytes(std::string_view text, bool big_endian) {
  std::vector<std::uint8_t> out;
  const auto push = [&](char32_t unit) {
    const auto high = static_cast<std::uint8_t>(unit >> 8);
    const auto low = static_cast<std::uint8_t>(unit);
    out.push_back(big_endian ? high : low);
    out.push_back(big_endian ? low : high);
  };
  for (const char32_t point : code_points(text)) {
    if (point < 0x10000) {
      push(point);
    } else {
      push(0xD800 + ((point - 0x10000) >> 10));
      push(0xDC00 + ((point - 0x10000) & 0x3FF));
    }
  }
  return out;
}

std::string utf8_from_utf16(std::span<const std::uint8_t> bytes, bool big_endian) {
  const auto unit = [&](std::size_t i) -> char32_t {
    const char32_t a = bytes[2 * i], b = bytes[2 * i + 1];
    return big_endian ? a << 8 | b : b << 8 | a;
  };
  std::string out;
  const std::size_t count = bytes.size() / 2;
  for (std::size_t i = 0; i < count; ++i) {
    const char32_t high = unit(i);
    if (high < 0xD800 || high > 0xDFFF) {
      append_utf8(out, high);
    } else if (high < 0xDC00 && i + 1 < count && unit(i + 1) >= 0xDC00 && unit(i + 1) <= 0xDFFF) {
      append_utf8(out, 0x10000 + ((high - 0xD800) << 10) + (unit(++i) - 0xDC00));
    } else {
      append_utf8(out, U'\ufffd');
    }
  }
  return out;
}

std::vector<std::uint8_t> write_exif(const Exif& exif) {
  if (exif.user_comment.empty() && exif.easel.empty()) return {};
  const auto comment = utf16_bytes(exif.user_comment, true);
  const std::size_t comment_size = exif.user_comment.empty() ? 0 : kUnicode.size() + comment.size();
  const std::size_t maker_size = exif.easel.empty() ? 0 : kMaker.size() + exif.easel.size();
  const unsigned entries = (comment_size > 0 ? 1 : 0) + (maker_size > 0 ? 1 : 0);
  constexpr std::size_t kExifAt = 8 + 2 + 12 + 4;
  const std::size_t maker_at = kExifAt + 2 + std::size_t{12} * entries + 4;
  const std::size_t comment_at = maker_at + maker_size + maker_size % 2;

  Writer out;
  out.text("MM");
  out.number(42, 2);
  out.number(8, 4);
  out.number(1, 2);  // the first directory: where the Exif directory is
  out.entry(kExifIfd, kLong, 1, kExifAt);
  out.number(0, 4);
  out.number(entries, 2);
  if (maker_size > 0) out.entry(kMakerNote, kUndefined, maker_size, maker_at);
  if (comment_size > 0) out.entry(kUserComment, kUndefined, comment_size, comment_at);
  out.number(0, 4);
  if (maker_size > 0) {
    out.text(kMaker);
    out.text(exif.easel);
    if (maker_size % 2 == 1) out.number(0, 1);
  }
  if (comment_size > 0) {
    out.text(kUnicode);
    out.bytes.insert(out.bytes.end(), comment.begin(), comment.end());
  }
  return std::move(out.bytes);
}

Exif read_exif(std::span<const std::uint8_t> bytes) {
  if (text_of(bytes).starts_with(kHeader)) bytes = bytes.subspan(kHeader.size());
  const Reader reader(bytes);
  const bool tiff = text_of(bytes).starts_with("II") || reader.big_endian();
  const auto first = reader.number(4, 4);
  if (!tiff || reader.number(2, 2) != 42u || !first) return {};
  Exif exif;
  std::optional<std::uint32_t> exif_directory;
  // The last of each kind; decoded once, however many entries a file has.
  std::optional<Bytes> comment, maker;
  const auto take_text = [&](auto tag, auto count, std::size_t value) {
    if (tag != kUserComment && tag != kMakerNote) return;
    const std::size_t at = count > 4 ? *reader.number(value, 4) : value;
    const auto field = reader.run(at, count);
    if (!field) return;
    if (tag == kUserComment) comment = field;
    if (tag == kMakerNote && text_of(*field).starts_with(kMaker)) maker = field;
  };
  reader.each_entry(*first, [&](auto tag, auto type, auto count, std::size_t value) {
    take_text(tag, count, value);
    if (tag == kExifIfd) exif_directory = reader.number(value, 4);
    const auto turn = reader.number(value, 2).value_or(1);
    if (tag == kOrientation && type == kShort && turn >= 1 && turn <= 8) {
      exif.orientation = static_cast<int>(turn);
    }
  });
  if (exif_directory) {
    reader.each_entry(*exif_directory, [&](auto tag, auto, auto count, std::size_t value) {
      take_text(tag, count, value);
    });
  }
  if (comment) exif.user_comment = comment_of(*comment, reader.big_endian());
  if (maker) exif.easel = valid_utf8(text_of(*maker).substr(kMaker.size()));
  return exif;
}

namespace {

// Where the pixel (x, y) of the result comes from.
struct Turn {
  bool transpose;
  bool mirror_x;
  bool mirror_y;
};

Turn turn_of(int orientation) {
  constexpr Turn kTurns[] = {{false, false, false}, {false, true, false}, {false, true, true},
                             {false, false, true},  {true, false, false}, {true, false, true},
                             {true, true, true},    {true, true, false}};
  return kTurns[orientation - 1];
}

template <typename Sample>
void copy_turned(std::span<const Sample> from, Image::Size size, std::size_t channels, Turn turn,
                 std::span<Sample> to) {
  const int out_width = turn.transpose ? size.height : size.width;
  const int out_height = turn.transpose ? size.width : size.height;
  Sample* out = to.data();
  for (int y = 0; y < out_height; ++y) {
    for (int x = 0; x < out_width; ++x) {
      int from_x = turn.transpose ? y : x;
      int from_y = turn.transpose ? x : y;
      if (turn.mirror_x) from_x = size.width - 1 - from_x;
      if (turn.mirror_y) from_y = size.height - 1 - from_y;
      const auto pixel = static_cast<std::size_t>(from_y) * static_cast<std::size_t>(size.width) +
                         static_cast<std::size_t>(from_x);
      out = std::copy_n(from.data() + pixel * channels, channels, out);
    }
  }
}

}  // namespace

Image::Size oriented(Image::Size stored, int orientation) {
  return turn_of(orientation).transpose ? Image::Size{stored.height, stored.width} : stored;
}

Image oriented(const Image& image, int orientation) {
  assert(orientation >= 1 && orientation <= 8);
  if (orientation == 1) return image;
  const Turn turn = turn_of(orientation);
  Image out(oriented(image.size(), orientation), image.channels(), image.bits());
  const auto channels = static_cast<std::size_t>(image.channels());
  if (image.bits() == 16) {
    copy_turned<std::uint16_t>(image.samples16(), image.size(), channels, turn, out.samples16());
  } else {
    copy_turned<std::uint8_t>(image.samples8(), image.size(), channels, turn, out.samples8());
  }
  return out;
}

}  // namespace easel
