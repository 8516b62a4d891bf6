#include "prompt/parts.h"

#include "core/utf8.h"
#include "prompt/text_classes.h"

namespace easel {
namespace {

constexpr std::u32string_view kAnd = U"AND";

WeightedText part(std::u32string_view text) {
  const auto colon = text.rfind(U':');
  if (colon != std::u32string_view::npos) {
    const auto weight = read_number(trimmed(text.substr(colon + 1)), NumberForm::kPart);
    if (weight) return {to_utf8(trimmed_right(text.substr(0, colon))), *weight};
  }
  return {to_utf8(trimmed_right(text)), 1};
}

}  // namespace

std::vector<WeightedText> split_parts(std::string_view prompt) {
  const std::u32string all = code_points(prompt);
  const std::u32string_view text = all;
  std::vector<WeightedText> parts;
  std::size_t begin = 0;
  for (std::size_t at = text.find(kAnd); at != std::u32string_view::npos;
       at = text.find(kAnd, at + kAnd.size())) {
    if (!is_whole_word(text, at, kAnd)) continue;
    parts.push_back(part(text.substr(begin, at - begin)));
    begin = at + kAnd.size();
  }
  parts.push_back(part(text.substr(begin)));
  return parts;
}

}  // namespace easel
