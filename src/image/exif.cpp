#include "image/exif.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "core/utf8.h"
#include "image/encodings.h"
#include "image/tiff.h"
#include "image/xmp.h"

namespace easel {
namespace {

using namespace tiff;

constexpr std::string_view kAsciiCode{"ASCII\0\0\0", 8};
constexpr std::string_view kJisCode{"JIS\0\0\0\0\0", 8};
constexpr std::string_view kUndefinedCode{"\0\0\0\0\0\0\0\0", 8};
constexpr std::string_view kUtf8Mark{"\xef\xbb\xbf"};

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
  if (text.find('\0') == std::string_view::npos && is_utf8(text)) return std::string(text);
  return utf8_from_utf16(comment, is_big_endian_text(comment, big_endian));
}

// ASCII, or whatever a program took for it.
std::string plain_comment(std::string_view text) {
  if (text.starts_with(kUtf8Mark)) text.remove_prefix(kUtf8Mark.size());
  return is_utf8(text) ? std::string(text) : utf8_from_latin1(text);
}

std::string comment_of(Bytes bytes, bool big_endian) {
  const auto text = text_of(bytes);
  // Programs fill the field with zeros, or with spaces.
  const auto without_filling = [](std::string_view filled) {
    const auto last = filled.find_last_not_of(std::string_view("\0 ", 2));
    return filled.substr(0, last == std::string_view::npos ? 0 : last + 1);
  };
  const bool undefined = text.starts_with(kUndefinedCode);
  if (text.starts_with(kUnicodeCode) || undefined) {
    const auto comment = bytes.subspan(kUnicodeCode.size());
    const std::string_view plain = without_filling(text_of(comment));
    // An even number of bytes ends with half a letter's zero.
    if (plain.find('\0') == std::string_view::npos && is_utf8(plain)) {
      return unicode_comment(comment.first(plain.size()), big_endian);
    }
    std::string decoded = unicode_comment(comment, big_endian);
    decoded.resize(without_filling(decoded).size());
    return decoded;
  }
  if (text.starts_with(kAsciiCode) || text.starts_with(kJisCode)) {
    return plain_comment(without_filling(text.substr(kAsciiCode.size())));
  }
  return plain_comment(without_filling(text));  // no marker at all
}

// What lies in the entries of a block; each kind's last counts, and is decoded once however many
// entries a file has.
struct Found {
  std::optional<Bytes> comment;
  std::optional<Bytes> maker;
  std::vector<NamedText> texts;
  std::optional<std::uint32_t> exif_directory;
  std::optional<int> orientation;
  bool more = false;  // what only a camera or another program says
};

constexpr std::size_t kMaxTexts = 64;
constexpr std::size_t kMaxTextBytes = std::size_t{16} << 20;
constexpr std::size_t kMaxKey = 79;

// "workflow:{...}", as ComfyUI keeps its texts in Make, Model and the tags below.
std::optional<NamedText> named_text(const Entry& entry, Bytes field) {
  std::string_view text = text_of(field);
  text = text.substr(0, text.find('\0'));
  const auto colon = text.find(':');
  if (colon == 0 || colon == std::string_view::npos || colon > kMaxKey) return std::nullopt;
  const bool ours = entry.tag >= kFirstText && entry.tag <= kLastText;
  const std::string_view value = text.substr(colon + 1);
  if (!ours && !(entry.tag <= kModel && value.starts_with('{'))) return std::nullopt;
  return NamedText{valid_utf8(text.substr(0, colon)), valid_utf8(value)};
}

void take_entry(const Reader& reader, const Entry& entry, Found& found, std::size_t& text_bytes) {
  const auto field = reader.bytes_of(entry);
  if (entry.tag == kExifIfd) {
    found.exif_directory = reader.number(entry.value, 4);
  } else if (entry.tag == kOrientation) {
    const auto turn = reader.integer_of(entry).value_or(0);
    if (turn >= 1 && turn <= 8) found.orientation = static_cast<int>(turn);
  } else if (entry.tag == kUserComment) {
    if (field) found.comment = field;
  } else if (entry.tag == kMakerNote && field && text_of(*field).starts_with(kMaker)) {
    found.maker = field;
  } else {
    const bool text = field && (entry.type == kAscii || entry.type == kUndefined);
    const bool fits =
        text && found.texts.size() < kMaxTexts && field->size() <= kMaxTextBytes - text_bytes;
    auto named = fits ? named_text(entry, *field) : std::nullopt;
    if (named) {
      text_bytes += field->size();
      found.texts.push_back(std::move(*named));
    } else {
      found.more = true;
    }
  }
}

Found look_through(const Reader& reader) {
  Found found;
  const auto first = reader.first_directory();
  if (!first) return found;
  std::size_t text_bytes = 0;
  const auto take = [&](const Entry& entry) { take_entry(reader, entry, found, text_bytes); };
  reader.each_entry(*first, take);
  if (found.exif_directory) reader.each_entry(*found.exif_directory, take);
  return found;
}

Bytes without_header(Bytes bytes) {
  return text_of(bytes).starts_with(kHeader) ? bytes.subspan(kHeader.size()) : bytes;
}

Exif exif_of(const Reader& reader, Found&& found) {
  Exif exif;
  exif.says_orientation = found.orientation.has_value();
  exif.orientation = found.orientation.value_or(1);
  exif.texts = std::move(found.texts);
  if (found.comment) exif.user_comment = comment_of(*found.comment, reader.big_endian());
  if (found.maker) exif.easel = valid_utf8(text_of(*found.maker).substr(kMaker.size()));
  return exif;
}

}  // namespace

Exif read_exif(std::span<const std::uint8_t> bytes) {
  const Reader reader(without_header(bytes));
  return exif_of(reader, look_through(reader));
}

int take_exif(std::span<const std::uint8_t> bytes, ImageMetadata& metadata) {
  const Bytes block = without_header(bytes);
  const Reader reader(block);
  Found found = look_through(reader);
  if (found.more) metadata.exif.assign(block.begin(), block.end());
  Exif exif = exif_of(reader, std::move(found));
  if (metadata.parameters.empty()) metadata.parameters = std::move(exif.user_comment);
  if (metadata.easel.empty()) metadata.easel = std::move(exif.easel);
  for (NamedText& text : exif.texts) {
    const auto same = [&](const NamedText& other) { return other.key == text.key; };
    if (std::ranges::none_of(metadata.texts, same)) metadata.texts.push_back(std::move(text));
  }
  return exif.says_orientation ? exif.orientation : xmp_orientation(metadata.xmp);
}

}  // namespace easel
