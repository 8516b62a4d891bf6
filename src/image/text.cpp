#include "image/text.h"

#include <array>

namespace easel {

std::u32string code_points(std::string_view text) {
  constexpr char32_t kBroken = U'\ufffd';
  constexpr std::array<char32_t, 5> kSmallest{0, 0, 0x80, 0x800, 0x10000};
  std::u32string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80   ? 1
                               : lead < 0xC2 ? 0
                               : lead < 0xE0 ? 2
                               : lead < 0xF0 ? 3
                               : lead < 0xF5 ? 4
                                             : 0;
    char32_t point = length == 1 ? lead : lead & (0x7Fu >> length);
    bool sound = length > 0 && i + length <= text.size();
    for (std::size_t k = 1; sound && k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      sound = (next & 0xC0) == 0x80;
      point = (point << 6) | (next & 0x3Fu);
    }
    sound = sound && point >= kSmallest[length] && point <= 0x10FFFF &&
            !(point >= 0xD800 && point <= 0xDFFF);
    out.push_back(sound ? point : kBroken);
    i += sound ? length : 1;
  }
  return out;
}

void append_utf8(std::string& out, char32_t point) {
  const auto push = [&](char32_t bits) { out.push_back(static_cast<char>(bits)); };
  if (point < 0x80) {
    push(point);
  } else if (point < 0x800) {
    push(0xC0 | (point >> 6));
    push(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    push(0xE0 | (point >> 12));
    push(0x80 | ((point >> 6) & 0x3F));
    push(0x80 | (point & 0x3F));
  } else {
    push(0xF0 | (point >> 18));
    push(0x80 | ((point >> 12) & 0x3F));
    push(0x80 | ((point >> 6) & 0x3F));
    push(0x80 | (point & 0x3F));
  }
}

bool is_valid_utf8(std::string_view text) { return valid_utf8(text) == text; }

std::string valid_utf8(std::string_view text) {
  std::string out;
  for (const char32_t point : code_points(text)) append_utf8(out, point);
  return out;
}

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

}  // namespace easel
