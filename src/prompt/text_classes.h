#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace easel {

/// Whether the word `word` stands at `at`, bounded as Python's \b bounds words. REQUIRES: both ends
/// of `word` are word characters
bool is_whole_word(std::u32string_view text, std::size_t at, std::u32string_view word);

/// Python's \w.
bool is_word_character(char32_t c);

std::u32string_view trimmed(std::u32string_view text);
std::u32string_view trimmed_left(std::u32string_view text);
std::u32string_view trimmed_right(std::u32string_view text);

/// How a number may be written; digits of any script count, as in Python.
enum class NumberForm {
  kAttention,  ///< [+-]?[.\d]+ with one dot at most
  kPart,       ///< [-+]?(\d+\.?|\d*\.\d+)
  kSchedule,   ///< kPart with an exponent, ASCII digits only
};
/// The number that the whole text is.
std::optional<double> read_number(std::u32string_view text, NumberForm form);

}  // namespace easel
