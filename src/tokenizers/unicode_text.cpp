#include "tokenizers/unicode_text.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <utility>

#include "core/utf8.h"

// The rules and their oddities are those of google-research/bert's tokenization.py, whose character
// classes are Python's unicodedata and whose splitting is Python's str.split.

namespace easel {
namespace {

utf8proc_category_t category(char32_t c) {
  return utf8proc_category(static_cast<utf8proc_int32_t>(c));
}

bool is_space(char32_t c) {
  return c == U' ' || c == U'\t' || c == U'\n' || c == U'\r' || category(c) == UTF8PROC_CATEGORY_ZS;
}

// Splits words in str.split although _clean_text leaves it.
bool is_line_or_paragraph_separator(char32_t c) { return c == U'\u2028' || c == U'\u2029'; }

bool is_control(char32_t c) {
  const auto kind = category(c);
  return kind == UTF8PROC_CATEGORY_CC || kind == UTF8PROC_CATEGORY_CF;
}

bool is_punctuation(char32_t c) {
  // "^", "$" and "`" are symbols to Unicode; BERT counts all of ASCII's as punctuation.
  if ((c >= 33 && c <= 47) || (c >= 58 && c <= 64) || (c >= 91 && c <= 96) ||
      (c >= 123 && c <= 126)) {
    return true;
  }
  const auto kind = category(c);
  return kind >= UTF8PROC_CATEGORY_PC && kind <= UTF8PROC_CATEGORY_PO;
}

bool is_chinese(char32_t c) {
  static constexpr std::array<std::pair<char32_t, char32_t>, 8> kRanges{{{0x4E00, 0x9FFF},
                                                                         {0x3400, 0x4DBF},
                                                                         {0x20000, 0x2A6DF},
                                                                         {0x2A700, 0x2B73F},
                                                                         {0x2B740, 0x2B81F},
                                                                         {0x2B820, 0x2CEAF},
                                                                         {0xF900, 0xFAFF},
                                                                         {0x2F800, 0x2FA1F}}};
  return std::ranges::any_of(kRanges, [c](const auto& r) { return c >= r.first && c <= r.second; });
}

bool is_cased(char32_t c) {
  const auto code = static_cast<utf8proc_int32_t>(c);
  return utf8proc_islower(code) != 0 || utf8proc_isupper(code) != 0 ||
         category(c) == UTF8PROC_CATEGORY_LT;
}

bool is_case_ignorable(char32_t c) {
  static constexpr std::u32string_view kMidLetters =
      U"'.:\u00b7\u0387\u055f\u05f4\u2018\u2019\u2024\u2027\ufe13\ufe52\ufe55\uff07\uff0e\uff1a";
  const auto kind = category(c);
  return kind == UTF8PROC_CATEGORY_MN || kind == UTF8PROC_CATEGORY_ME ||
         kind == UTF8PROC_CATEGORY_CF || kind == UTF8PROC_CATEGORY_LM ||
         kind == UTF8PROC_CATEGORY_SK || kMidLetters.find(c) != std::u32string_view::npos;
}

// Unicode's Final_Sigma, the one rule of lower casing that looks at the neighbours.
bool is_final_sigma(std::u32string_view word, std::size_t at) {
  std::size_t before = at;
  while (before > 0 && is_case_ignorable(word[before - 1])) --before;
  if (before == 0 || !is_cased(word[before - 1])) return false;
  std::size_t after = at + 1;
  while (after < word.size() && is_case_ignorable(word[after])) ++after;
  return after == word.size() || !is_cased(word[after]);
}

// NFD without the marks that take no room.
std::u32string without_accents(std::u32string_view word) {
  const std::string bytes = to_utf8(word);
  const auto* data = reinterpret_cast<const utf8proc_uint8_t*>(bytes.data());
  const auto size = static_cast<utf8proc_ssize_t>(bytes.size());
  std::vector<utf8proc_int32_t> points(word.size() * 4 + 1);  // no NFD is longer
  const auto count =
      utf8proc_decompose(data, size, points.data(), static_cast<utf8proc_ssize_t>(points.size()),
                         static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_STABLE));
  std::u32string out;
  for (utf8proc_ssize_t i = 0; i < std::min<utf8proc_ssize_t>(count, std::ssize(points)); ++i) {
    const auto c = static_cast<char32_t>(points[static_cast<std::size_t>(i)]);
    if (category(c) != UTF8PROC_CATEGORY_MN) out.push_back(c);
  }
  return out;
}

int combining_class(char32_t c) {
  return utf8proc_get_property(static_cast<utf8proc_int32_t>(c))->combining_class;
}

std::u32string composed_piece(std::u32string_view text) {
  const std::string bytes = to_utf8(text);
  utf8proc_uint8_t* made = nullptr;
  const auto size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(bytes.data()),
                   static_cast<utf8proc_ssize_t>(bytes.size()), &made,
                   static_cast<utf8proc_option_t>(UTF8PROC_COMPOSE | UTF8PROC_STABLE));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(made, &std::free);
  if (size < 0) return std::u32string(text);  // unassigned code points are no error: only memory is
  return code_points({reinterpret_cast<const char*>(made), static_cast<std::size_t>(size)});
}

void append_split_on_punctuation(std::u32string_view word, std::vector<std::u32string>& words) {
  std::u32string current;
  const auto finish = [&] {
    if (!current.empty()) words.push_back(std::exchange(current, {}));
  };
  for (const char32_t c : word) {
    // A decomposition can bring in a space: the pieces are joined and split at spaces once more.
    if (is_space(c) || is_line_or_paragraph_separator(c)) {
      finish();
    } else if (is_punctuation(c)) {
      finish();
      words.emplace_back(1, c);
    } else {
      current.push_back(c);
    }
  }
  finish();
}

}  // namespace

bool is_letter(char32_t c) {
  const auto kind = category(c);
  return kind >= UTF8PROC_CATEGORY_LU && kind <= UTF8PROC_CATEGORY_LO;
}

bool is_number(char32_t c) {
  const auto kind = category(c);
  return kind >= UTF8PROC_CATEGORY_ND && kind <= UTF8PROC_CATEGORY_NO;
}

bool is_white_space(char32_t c) {
  return (c >= 0x09 && c <= 0x0d) || (c >= 0x1c && c <= 0x1f) || c == 0x85 ||
         category(c) == UTF8PROC_CATEGORY_ZS || is_line_or_paragraph_separator(c);
}

std::optional<int> decimal_digit(char32_t c) {
  if (category(c) != UTF8PROC_CATEGORY_ND) return std::nullopt;
  char32_t zero = c;  // each script's ten stand together; some scripts have several tens in a row
  while (zero > 0 && category(zero - 1) == UTF8PROC_CATEGORY_ND) --zero;
  return static_cast<int>((c - zero) % 10);
}

std::u32string lower_case(std::u32string_view text) {
  std::u32string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == U'\u03a3') {
      out.push_back(is_final_sigma(text, i) ? U'\u03c2' : U'\u03c3');
    } else if (text[i] == U'\u0130') {
      out += U"i\u0307";
    } else {
      out.push_back(
          static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(text[i]))));
    }
  }
  return out;
}

std::u32string composed(std::u32string_view text) {
  std::u32string out;
  out.reserve(text.size());
  // utf8proc sorts a letter's marks in time that grows with their square: a run of marks longer
  // than any script's is normalized in pieces.
  constexpr int kMostMarks = 64;
  std::size_t begin = 0;
  int marks = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    marks = combining_class(text[i]) == 0 ? 0 : marks + 1;
    if (marks == kMostMarks || i + 1 == text.size()) {
      out += composed_piece(text.substr(begin, i + 1 - begin));
      begin = i + 1;
      marks = 0;
    }
  }
  return out;
}

std::vector<std::u32string> bert_words(std::string_view text) {
  std::vector<std::u32string> words;
  std::u32string current;
  const auto finish = [&] {
    if (current.empty()) return;
    append_split_on_punctuation(without_accents(lower_case(current)), words);
    current.clear();
  };
  for (const char32_t c : code_points(text)) {
    if (is_space(c) || is_line_or_paragraph_separator(c)) {
      finish();
    } else if (c == 0 || c == U'\ufffd' || is_control(c)) {
      continue;
    } else if (is_chinese(c)) {
      finish();
      current.push_back(c);
      finish();
    } else {
      current.push_back(c);
    }
  }
  finish();
  return words;
}

}  // namespace easel
