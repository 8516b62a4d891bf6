#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace easel {

/// Bytes to code points; bytes that are not UTF-8 are dropped.
std::u32string from_utf8(std::string_view text);
std::string to_utf8(std::u32string_view text);

/// google-research/bert's BasicTokenizer with do_lower_case: the words of a text, cleaned, lower
/// case, without accents, punctuation and Chinese characters as words of their own.
std::vector<std::u32string> bert_words(std::string_view text);

}  // namespace easel
