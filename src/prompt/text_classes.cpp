#include "prompt/text_classes.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>

#include "tokenizers/unicode_text.h"

namespace easel {

bool is_word_character(char32_t c) { return c == U'_' || is_letter(c) || is_number(c); }

bool is_whole_word(std::u32string_view text, std::size_t at, std::u32string_view word) {
  if (text.substr(at, word.size()) != word) return false;
  const std::size_t end = at + word.size();
  return (at == 0 || !is_word_character(text[at - 1])) &&
         (end == text.size() || !is_word_character(text[end]));
}

std::u32string_view trimmed_left(std::u32string_view text) {
  const auto first = std::ranges::find_if_not(text, is_white_space);
  return text.substr(static_cast<std::size_t>(first - text.begin()));
}

std::u32string_view trimmed_right(std::u32string_view text) {
  const auto last = std::find_if_not(text.rbegin(), text.rend(), is_white_space);
  return text.substr(0, static_cast<std::size_t>(text.rend() - last));
}

std::u32string_view trimmed(std::u32string_view text) { return trimmed_left(trimmed_right(text)); }

std::optional<double> read_number(std::u32string_view text, NumberForm form) {
  std::string plain;
  std::size_t digits = 0, dots = 0;
  std::size_t i = 0;
  if (i < text.size() && (text[i] == U'+' || text[i] == U'-')) {
    plain.push_back(static_cast<char>(text[i++]));
  }
  const auto take_digit = [&](char32_t c) {
    const auto digit = decimal_digit(c);
    if (!digit || (form == NumberForm::kSchedule && c > 0x7f)) return false;
    plain.push_back(static_cast<char>('0' + *digit));
    return true;
  };
  for (; i < text.size(); ++i) {
    if (text[i] == U'.') {
      plain.push_back('.');
      ++dots;
    } else if (take_digit(text[i])) {
      ++digits;
    } else {
      break;
    }
  }
  if (digits == 0 || dots > 1) return std::nullopt;
  if (form == NumberForm::kSchedule && i < text.size() && (text[i] == U'e' || text[i] == U'E')) {
    plain.push_back('e');
    ++i;
    if (i < text.size() && (text[i] == U'+' || text[i] == U'-')) {
      plain.push_back(static_cast<char>(text[i++]));
    }
    const std::size_t begin = i;
    while (i < text.size() && take_digit(text[i])) ++i;
    if (i == begin) return std::nullopt;
  }
  if (i != text.size()) return std::nullopt;
  return std::strtod(plain.c_str(), nullptr);
}

}  // namespace easel
