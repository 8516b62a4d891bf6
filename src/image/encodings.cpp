#include "image/encodings.h"

#include "core/utf8.h"

namespace easel {

std::optional<std::string> latin1_from_utf8(std::string_view text) {
  std::string out;
  for (const char32_t point : code_points(text)) {
    const bool printable = (point >= 32 && point < 127) || (point >= 160 && point < 256);
    if (!printable && point != U'\n') return std::nullopt;
    out.push_back(static_cast<char>(point));
  }
  return out;
}

std::string utf8_from_latin1(std::string_view text) {
  std::string out;
  for (const char c : text) append_utf8(out, static_cast<unsigned char>(c));
  return out;
}

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

}  // namespace easel
