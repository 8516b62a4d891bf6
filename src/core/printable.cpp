#include "core/printable.h"

#include <fmt/format.h>

#include <cstdint>

#include "core/utf8.h"

namespace easel {
namespace {

constexpr std::size_t kShownLength = 160;

bool is_control(char32_t point) { return point < 0x20 || (point >= 0x7f && point < 0xa0); }

// Marks that turn the direction of writing, and line ends that are not ASCII (U+2028, U+2029): text
// after them is not what it seems.
bool turns_text(char32_t point) {
  return point == U'\u061c' || point == U'\u200e' || point == U'\u200f' ||
         (point >= U'\u2028' && point <= U'\u202e') || (point >= U'\u2066' && point <= U'\u2069');
}

// The character that `text` begins with.
struct Character {
  std::string_view bytes;
  char32_t point;
  bool plain;  // else it is to be escaped
};
Character first_character(std::string_view text) {
  const CodePoint first = first_code_point(text);
  return {.bytes = text.substr(0, first.bytes),
          .point = first.value,
          .plain = first.valid && !is_control(first.value) && !turns_text(first.value)};
}

std::string escaped(std::string_view bytes) {
  std::string out;
  for (const char byte : bytes) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
  return out;
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
      out += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(next.point));
    }
    json.remove_prefix(next.bytes.size());
  }
  return out;
}

bool is_clean_text(std::string_view text) {
  while (!text.empty()) {
    const CodePoint next = first_code_point(text);
    if (!next.valid || is_control(next.value)) return false;
    text.remove_prefix(next.bytes);
  }
  return true;
}

}  // namespace easel
