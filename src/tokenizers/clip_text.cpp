#include "tokenizers/clip_text.h"

#include <algorithm>
#include <array>

#include "core/utf8.h"
#include "tokenizers/html_entities.h"
#include "tokenizers/text_fixes.h"
#include "tokenizers/unicode_text.h"

namespace easel {
namespace {

constexpr std::array<std::u32string_view, 7> kContractions{U"'s", U"'t",  U"'re", U"'ve",
                                                           U"'m", U"'ll", U"'d"};

// The pattern is matched without regard to case, and the long s is an s to that.
char32_t folded(char32_t c) { return c == U'\u017f' ? U's' : c; }

bool begins_with(std::u32string_view text, std::u32string_view what) {
  return text.size() >= what.size() &&
         std::ranges::equal(text.substr(0, what.size()), what, {}, folded);
}

std::size_t run(std::u32string_view text, bool (*belongs)(char32_t)) {
  const auto end = std::ranges::find_if_not(text, belongs);
  return static_cast<std::size_t>(end - text.begin());
}

bool is_sign(char32_t c) { return !is_white_space(c) && !is_letter(c) && !is_number(c); }

// Characters of the word that `text` begins with. REQUIRES: no space there
std::size_t word_length(std::u32string_view text, const ClipSpecials& specials) {
  for (const auto special : {specials.start, specials.end}) {
    if (!special.empty() && begins_with(text, special)) return special.size();
  }
  for (const auto contraction : kContractions) {
    if (begins_with(text, contraction)) return contraction.size();
  }
  if (is_letter(text[0])) return run(text, is_letter);
  if (is_number(text[0])) return 1;
  return run(text, is_sign);
}

std::u32string with_single_spaces(std::u32string_view text) {
  std::u32string out;
  out.reserve(text.size());
  for (const char32_t c : text) {
    if (!is_white_space(c)) {
      out.push_back(c);
    } else if (!out.empty() && out.back() != U' ') {
      out.push_back(U' ');
    }
  }
  if (!out.empty() && out.back() == U' ') out.pop_back();
  return out;
}

}  // namespace

std::u32string clip_clean(std::string_view text) {
  const auto unescaped = unescape_html(unescape_html(fix_text(code_points(text))));
  return lower_case(with_single_spaces(unescaped));
}

void for_clip_words(std::u32string_view text, const ClipSpecials& specials,
                    const std::function<void(std::u32string_view)>& word) {
  while (!text.empty()) {
    if (is_white_space(text[0])) {
      text.remove_prefix(1);
      continue;
    }
    const std::size_t length = word_length(text, specials);
    word(text.substr(0, length));
    text.remove_prefix(length);
  }
}

}  // namespace easel
