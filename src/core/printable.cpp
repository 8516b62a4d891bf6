#include "core/printable.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace easel {
namespace {

constexpr std::size_t kShownLength = 160;

// The length of the UTF-8 sequence that starts `text`, 0 when it is not one (RFC 3629).
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xc2 && lead <= 0xdf   ? 2
                             : lead >= 0xe0 && lead <= 0xef ? 3
                             : lead >= 0xf0 && lead <= 0xf4 ? 4
                                                            : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  const bool overlong = (lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xf0 && byte(1) < 0x90);
  const bool surrogate = lead == 0xed && byte(1) > 0x9f;
  const bool beyond = lead == 0xf4 && byte(1) > 0x8f;
  return overlong || surrogate || beyond ? 0 : length;
}

bool is_control(std::string_view text, std::size_t length) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (length == 1) return lead < 0x20 || lead == 0x7f;
  return length == 2 && lead == 0xc2 && static_cast<unsigned char>(text[1]) < 0xa0;
}

// Marks that turn the direction of writing (U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to
// U+2069) and line ends that are not ASCII (U+2028, U+2029): text after them is not what it seems.
bool turns_text(std::string_view character) {
  if (character == "\xd8\x9c") return true;
  if (character.size() != 3 || character[0] != '\xe2') return false;
  const auto last = static_cast<unsigned char>(character[2]);
  if (character[1] == '\x80') return last == 0x8e || last == 0x8f || (last >= 0xa8 && last <= 0xae);
  return character[1] == '\x81' && last >= 0xa6 && last <= 0xa9;
}

// The character that `text` begins with.
struct Character {
  std::string_view bytes;
  bool plain = false;  // else it is to be escaped
};
Character first_character(std::string_view text) {
  const std::size_t length = utf8_length(text);
  const std::string_view bytes = text.substr(0, std::max<std::size_t>(length, 1));
  return {bytes, length > 0 && !is_control(bytes, length) && !turns_text(bytes)};
}

std::string escaped(std::string_view bytes) {
  std::string out;
  for (const char byte : bytes) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
  return out;
}

// REQUIRES: UTF-8 of at most three bytes
std::uint32_t code_point(std::string_view bytes) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  if (bytes.size() == 1) return byte(0);
  if (bytes.size() == 2) return (byte(0) & 0x1fu) << 6 | (byte(1) & 0x3fu);
  return (byte(0) & 0x0fu) << 12 | (byte(1) & 0x3fu) << 6 | (byte(2) & 0x3fu);
}

}  // namespace

std::string printable(std::string_view text) {
  constexpr std::string_view kMore = "…";
  std::string out;
  std::size_t fits = 0;  // what may stay where more than fits follows
  while (!text.empty()) {
    const Character next = first_character(text);
    out += next.plain ? std::string(next.bytes) : escaped(next.bytes);
    if (out.size() > kShownLength) return out.substr(0, fits).append(kMore);
    if (out.size() <= kShownLength - kMore.size()) fits = out.size();
    text.remove_prefix(next.bytes.size());
  }
  return out;
}

std::string without_controls(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Character next = first_character(text);
    if (next.plain || next.bytes == "\n") {
      out += next.bytes;
    } else {
      out += escaped(next.bytes);
    }
    text.remove_prefix(next.bytes.size());
  }
  return out;
}

std::string json_without_controls(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  while (!json.empty()) {
    const Character next = first_character(json);
    if (next.plain || next.bytes == "\n") {
      out += next.bytes;
    } else {
      out += fmt::format("\\u{:04x}", code_point(next.bytes));
    }
    json.remove_prefix(next.bytes.size());
  }
  return out;
}

bool is_clean_text(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0 || is_control(text, length)) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace easel
