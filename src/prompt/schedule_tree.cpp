#include "prompt/schedule_tree.h"

#include <utility>

#include "core/error.h"
#include "prompt/limits.h"
#include "prompt/text_classes.h"

// A well-formed group is one of
//   "(" prompt ")"   "(" prompt ":" prompt ")"   "[" prompt "]"          brackets, kept as text
//   "[" [prompt ":"] prompt ":" number "]"                               a schedule
//   "[" prompt ("|" prompt)+ "]"                                         an alternation
// and a prompt is made of text and such groups. Whatever bracket or colon is left over is text, at
// the outermost level only: what a left-over stands in is then no group either. So the first fault
// makes text of every bracket that is open, and one pass suffices.

namespace easel {
namespace {

using Kind = ScheduleNode::Kind;

bool is_bracket(char32_t c) { return c == U'(' || c == U')' || c == U'[' || c == U']'; }
bool is_tree_mark(char32_t c) { return is_bracket(c) || c == U':' || c == U'|'; }

// A bracket that is open, and what was read since.
struct Frame {
  std::size_t begin = 0;                          // of the bracket in the text
  std::vector<std::vector<int>> segments = {{}};  // between its separators
  std::vector<std::size_t> separators = {};       // where they stand
  bool bars = false, colons = false;
};

class ScheduleParser {
 public:
  explicit ScheduleParser(std::u32string_view text) : text_(text) {}

  std::optional<ScheduleTree> parse() {
    std::size_t at = 0;
    while (at < text_.size() && !failed_) {
      if (is_tree_mark(text_[at])) {
        mark(at++);
      } else {
        const std::size_t begin = std::exchange(at, end_of_plain(at));
        add(text(begin, at));
      }
    }
    give_up_groups();
    if (failed_) return std::nullopt;
    tree_.root = node({.kind = Kind::kGroup, .branches = std::move(outermost_)});
    return std::move(tree_);
  }

 private:
  int node(ScheduleNode made) {
    tree_.nodes.push_back(std::move(made));
    return static_cast<int>(tree_.nodes.size()) - 1;
  }
  int text(std::size_t begin, std::size_t end) {
    return node({.kind = Kind::kText, .text = text_.substr(begin, end - begin)});
  }
  int group(std::vector<int> branches) {
    return node({.kind = Kind::kGroup, .branches = std::move(branches)});
  }
  void add(int made) {
    (open_.empty() ? outermost_ : open_.back().segments.back()).push_back(made);
  }

  // A backslash takes what follows it along; nothing or a line's end cannot follow.
  std::size_t end_of_plain(std::size_t at) {
    while (at < text_.size() && !is_tree_mark(text_[at])) {
      if (text_[at] == U'\\' && (++at == text_.size() || text_[at] == U'\n')) {
        failed_ = true;
        return text_.size();
      }
      ++at;
    }
    return at;
  }

  void mark(std::size_t at) {
    const char32_t c = text_[at];
    if (c == U'(' || c == U'[') {
      if (open_.size() >= kMostBrackets) {
        fail(ErrorCode::kUsage, "the prompt opens more than {} brackets within each other",
             kMostBrackets);
      }
      open_.push_back({.begin = at});
    } else if (is_bracket(c)) {
      close(at);
    } else if (open_.empty()) {
      failed_ = c == U'|';
      add(text(at, at + 1));
    } else {
      Frame& frame = open_.back();
      (c == U'|' ? frame.bars : frame.colons) = true;
      frame.separators.push_back(at);
      frame.segments.emplace_back();
    }
  }

  void close(std::size_t at) {
    const char32_t wanted = text_[at] == U')' ? U'(' : U'[';
    if (!open_.empty() && text_[open_.back().begin] == wanted && is_group(open_.back(), at)) {
      Frame frame = std::move(open_.back());
      open_.pop_back();
      add(closed(std::move(frame), at));
    } else {
      give_up_groups();
      add(text(at, at + 1));
    }
  }

  bool is_group(const Frame& frame, std::size_t at) const {
    if (text_[frame.begin] == U'(') return !frame.bars && frame.separators.size() <= 1;
    if (frame.separators.empty() || !frame.colons) return true;
    return !frame.bars && frame.separators.size() <= 2 && read_number(when(frame, at), kForm);
  }

  static constexpr auto kForm = NumberForm::kSchedule;
  std::u32string_view when(const Frame& frame, std::size_t at) const {
    const std::size_t begin = frame.separators.back() + 1;
    return trimmed(text_.substr(begin, at - begin));
  }

  int closed(Frame frame, std::size_t at) {
    if (frame.bars) {
      std::vector<int> branches;
      for (auto& segment : frame.segments) branches.push_back(group(std::move(segment)));
      return node({.kind = Kind::kAlternate, .branches = std::move(branches)});
    }
    if (text_[frame.begin] == U'[' && frame.colons) {
      const bool has_before = frame.segments.size() == 3;
      const int before = group(has_before ? std::move(frame.segments[0]) : std::vector<int>{});
      const int after = group(std::move(frame.segments[has_before ? 1 : 0]));
      return node({.kind = Kind::kScheduled, .text = when(frame, at), .branches = {before, after}});
    }
    std::vector<int> all = as_text(std::move(frame));
    all.push_back(text(at, at + 1));
    return group(std::move(all));
  }

  // A bracket's contents with the bracket and its separators as text.
  std::vector<int> as_text(Frame frame) {
    std::vector<int> all = {text(frame.begin, frame.begin + 1)};
    for (std::size_t i = 0; i < frame.segments.size(); ++i) {
      if (i > 0) all.push_back(text(frame.separators[i - 1], frame.separators[i - 1] + 1));
      all.insert(all.end(), frame.segments[i].begin(), frame.segments[i].end());
    }
    return all;
  }

  void give_up_groups() {
    for (Frame& frame : std::exchange(open_, {})) {
      failed_ = failed_ || frame.bars;
      const auto all = as_text(std::move(frame));
      outermost_.insert(outermost_.end(), all.begin(), all.end());
    }
  }

  std::u32string_view text_;
  ScheduleTree tree_;
  std::vector<int> outermost_;
  std::vector<Frame> open_;
  bool failed_ = false;
};

}  // namespace

std::optional<ScheduleTree> parse_schedule(std::u32string_view text) {
  return ScheduleParser(text).parse();
}

}  // namespace easel
