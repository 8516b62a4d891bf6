#include "prompt/attention.h"

#include <optional>
#include <utility>

#include "core/error.h"
#include "core/utf8.h"
#include "prompt/limits.h"
#include "prompt/text_classes.h"
#include "tokenizers/unicode_text.h"

namespace easel {
namespace {

constexpr double kRound = 1.1;
constexpr double kSquare = 1 / 1.1;
constexpr std::u32string_view kBreak = U"BREAK";

bool is_mark(char32_t c) {
  return c == U'\\' || c == U'(' || c == U')' || c == U'[' || c == U']' || c == U':';
}

struct ClosingWeight {
  double weight = 1;
  std::size_t length = 0;  // of ":1.2)"
};

// ":1.2)" at the beginning of `text`.
std::optional<ClosingWeight> closing_weight(std::u32string_view text) {
  std::size_t begin = 1;
  while (begin < text.size() && is_white_space(text[begin])) ++begin;
  std::size_t end = begin;
  while (end < text.size() && !is_white_space(text[end]) && !is_mark(text[end])) ++end;
  const auto weight = read_number(text.substr(begin, end - begin), NumberForm::kAttention);
  while (end < text.size() && is_white_space(text[end])) ++end;
  if (!weight || end == text.size() || text[end] != U')') return std::nullopt;
  return ClosingWeight{*weight, end + 1};
}

class AttentionParser {
 public:
  std::vector<WeightedText> parse(std::u32string_view text) {
    while (!text.empty()) text.remove_prefix(read(text));
    // What is still open reaches to the end: the round ones first, then the square ones.
    for (const std::size_t begin : round_) multiply(begin, kRound);
    for (const std::size_t begin : square_) multiply(begin, kSquare);
    if (pieces_.empty()) pieces_.push_back({"", 1});
    return merged();
  }

 private:
  // Reads what `text` begins with; returns its length.
  std::size_t read(std::u32string_view text) {
    const char32_t c = text[0];
    if (c == U'\\') return escaped(text);
    if (c == U'(' || c == U'[') {
      open(c == U'(' ? round_ : square_);
      return 1;
    }
    if (c == U')' && !round_.empty()) {
      close(round_, kRound);
      return 1;
    }
    if (c == U']' && !square_.empty()) {
      close(square_, kSquare);
      return 1;
    }
    if (c == U':') {
      if (const auto closing = closing_weight(text)) {
        if (round_.empty()) {
          plain(text.substr(0, closing->length));
        } else {
          close(round_, closing->weight);
        }
        return closing->length;
      }
    }
    std::size_t end = 1;
    while (!is_mark(c) && end < text.size() && !is_mark(text[end])) ++end;
    plain(text.substr(0, end));
    return end;
  }

  // A backslash makes the bracket or backslash that follows it plain; alone it vanishes.
  std::size_t escaped(std::u32string_view text) {
    const bool takes = text.size() > 1 && is_mark(text[1]) && text[1] != U':';
    pieces_.push_back({takes ? to_utf8(text.substr(1, 1)) : "", 1});
    return takes ? 2 : 1;
  }

  void open(std::vector<std::size_t>& brackets) {
    if (round_.size() + square_.size() >= kMostBrackets) {
      fail(ErrorCode::kUsage, "the prompt opens more than {} brackets within each other",
           kMostBrackets);
    }
    brackets.push_back(pieces_.size());
  }

  void close(std::vector<std::size_t>& brackets, double weight) {
    multiply(brackets.back(), weight);
    brackets.pop_back();
  }

  void multiply(std::size_t begin, double weight) {
    for (std::size_t i = begin; i < pieces_.size(); ++i) pieces_[i].weight *= weight;
  }

  // Text, with BREAK and the space around it cut out.
  void plain(std::u32string_view text) {
    for (std::size_t at = text.find(kBreak); at != std::u32string_view::npos;
         at = text.find(kBreak, at)) {
      if (!is_whole_word(text, at, kBreak)) {
        at += kBreak.size();
        continue;
      }
      pieces_.push_back({to_utf8(trimmed_right(text.substr(0, at))), 1});
      pieces_.push_back({std::string(kBreakText), kBreakWeight});
      text = trimmed_left(text.substr(at + kBreak.size()));
      at = 0;
    }
    pieces_.push_back({to_utf8(text), 1});
  }

  std::vector<WeightedText> merged() {
    std::vector<WeightedText> out;
    for (WeightedText& piece : pieces_) {
      if (!out.empty() && out.back().weight == piece.weight) {
        out.back().text += piece.text;
      } else {
        out.push_back(std::move(piece));
      }
    }
    return out;
  }

  std::vector<WeightedText> pieces_;
  std::vector<std::size_t> round_, square_;  // the pieces that open brackets begin at
};

}  // namespace

std::vector<WeightedText> parse_attention(std::string_view prompt) {
  return AttentionParser().parse(code_points(prompt));
}

}  // namespace easel
