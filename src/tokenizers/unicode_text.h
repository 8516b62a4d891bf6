#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace easel {

/// Unicode's general categories L* and N*, and what Python's str.isspace() is true of.
bool is_letter(char32_t c);
bool is_number(char32_t c);
bool is_white_space(char32_t c);
/// What a digit of any script (category Nd) stands for, 0 to 9.
std::optional<int> decimal_digit(char32_t c);

/// Python's str.lower(): Unicode's mappings with the final sigma and the two code points of U+0130.
std::u32string lower_case(std::u32string_view text);
/// Unicode's normalization form C.
std::u32string composed(std::u32string_view text);

/// google-research/bert's BasicTokenizer with do_lower_case: the words of a text, cleaned, lower
/// case, without accents, punctuation and Chinese characters as words of their own.
std::vector<std::u32string> bert_words(std::string_view text);

}  // namespace easel
