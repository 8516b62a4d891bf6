#include "tokenizers/html_entities.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

// The rules are those of Python's html/__init__.py, which are HTML 5's (section 13.2.5.72 and on).

namespace easel {
namespace {

struct Entity {
  std::string_view name;
  std::u32string_view text;
};

constexpr Entity kEntities[] = {
#include "tokenizers/html_entities.inc"
};
static_assert(std::ranges::is_sorted(kEntities, {}, &Entity::name));

constexpr std::size_t kLongestName = 32;

// The bytes that Windows-1252 leaves undefined stay what they are.
constexpr std::u32string_view kWindows1252 =
    U"\u20AC\x81\u201A\u0192\u201E\u2026\u2020\u2021\u02C6\u2030\u0160\u2039\u0152\x8d\u017D\x8f"
    U"\x90\u2018\u2019\u201C\u201D\u2022\u2013\u2014\u02DC\u2122\u0161\u203A\u0153\x9d\u017E\u0178";
static_assert(kWindows1252.size() == 32);

bool is_no_character(std::uint32_t code) {
  return (code >= 0x01 && code <= 0x08) || code == 0x0b || (code >= 0x0e && code <= 0x1f) ||
         code == 0x7f || (code >= 0xfdd0 && code <= 0xfdef) || (code & 0xfffe) == 0xfffe;
}

std::u32string character(std::uint32_t code) {
  if (code == 0) return U"\ufffd";
  if (code >= 0x80 && code <= 0x9f) return std::u32string(1, windows_1252(code));
  if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) return U"\ufffd";
  if (is_no_character(code)) return {};
  return std::u32string(1, code);
}

std::optional<std::uint32_t> digit(char32_t c, std::uint32_t base) {
  std::uint32_t value = base;
  if (c >= U'0' && c <= U'9') value = c - U'0';
  if (c >= U'a' && c <= U'f') value = c - U'a' + 10;
  if (c >= U'A' && c <= U'F') value = c - U'A' + 10;
  return value < base ? std::optional(value) : std::nullopt;
}

struct Reference {
  std::u32string text;   // what it stands for
  std::size_t read = 0;  // characters after the "&"; 0: it is no reference
};

// "#65;", "#x41": what follows the "&".
Reference numeric(std::u32string_view rest) {
  const bool hexadecimal = rest.size() > 1 && (rest[1] == U'x' || rest[1] == U'X');
  const std::uint32_t base = hexadecimal ? 16 : 10;
  const std::size_t begin = hexadecimal ? 2 : 1;
  std::size_t at = begin;
  std::uint32_t code = 0;
  for (; at < rest.size(); ++at) {
    const auto value = digit(rest[at], base);
    if (!value) break;
    code = std::min<std::uint32_t>(code * base + *value, 0x110000);  // above: no code point
  }
  if (at == begin) return {};
  if (at < rest.size() && rest[at] == U';') ++at;
  return {character(code), at};
}

bool ends_name(char32_t c) {
  return c == U'\t' || c == U'\n' || c == U'\f' || c == U' ' || c == U'<' || c == U'&' ||
         c == U'#' || c == U';';
}

// "amp;", "ampersand": the longest beginning that is a name, of at least two characters.
Reference named(std::u32string_view rest) {
  std::size_t end = 0;
  while (end < rest.size() && end < kLongestName && !ends_name(rest[end])) ++end;
  if (end == 0) return {};
  if (end < rest.size() && rest[end] == U';') ++end;
  for (std::size_t length = end; length > 1; --length) {
    const auto text = html_entity(rest.substr(0, length));
    if (!text.empty()) return {std::u32string(text), length};
  }
  return {};
}

}  // namespace

char32_t windows_1252(char32_t byte) { return kWindows1252[byte - 0x80]; }

std::u32string_view html_entity(std::u32string_view name) {
  std::array<char, kLongestName + 1> bytes;
  if (name.size() > bytes.size()) return {};
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] > 0x7f) return {};
    bytes[i] = static_cast<char>(name[i]);
  }
  const std::string_view wanted(bytes.data(), name.size());
  const auto* found = std::ranges::lower_bound(kEntities, wanted, {}, &Entity::name);
  if (found == std::ranges::end(kEntities) || found->name != wanted) return {};
  return found->text;
}

std::u32string unescape_html(std::u32string_view text) {
  std::u32string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    Reference reference;
    const auto rest = text.substr(i + 1);
    if (text[i] == U'&' && !rest.empty()) {
      reference = rest[0] == U'#' ? numeric(rest) : named(rest);
    }
    if (reference.read == 0) {
      out.push_back(text[i++]);
    } else {
      out += reference.text;
      i += 1 + reference.read;
    }
  }
  return out;
}

}  // namespace easel
