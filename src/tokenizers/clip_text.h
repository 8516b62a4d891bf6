#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace easel {

/// openai/CLIP's whitespace_clean(basic_clean(text)).lower(); bytes that are not UTF-8 are dropped.
std::u32string clip_clean(std::string_view text);

/// Calls `word` for each word of a cleaned text: one of the specials, "'s", "'t", "'re", "'ve",
/// "'m",
/// "'ll", "'d", a run of letters, a number's single digit, or a run of anything else but spaces.
struct ClipSpecials {
  std::u32string_view start, end;
};
void for_clip_words(std::u32string_view text, const ClipSpecials& specials,
                    const std::function<void(std::u32string_view)>& word);

}  // namespace easel
