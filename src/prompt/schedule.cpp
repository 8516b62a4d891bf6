#include "prompt/schedule.h"

#include <algorithm>
#include <cassert>
#include <set>

#include "core/error.h"
#include "core/utf8.h"
#include "prompt/schedule_tree.h"
#include "prompt/text_classes.h"

namespace easel {
namespace {

constexpr std::size_t kMostBytes = std::size_t{16} << 20;

using Kind = ScheduleNode::Kind;

// The steps that schedule `when`s of one pass count from, and how many there are.
struct Pass {
  int steps = 1;
  int before = 0;       // steps of the pass before
  double fraction = 0;  // at which a fraction begins
  bool old_style = false;

  explicit Pass(const ScheduleSteps& wanted) : steps(wanted.steps), old_style(wanted.old_style) {
    if (!wanted.hires_steps || wanted.old_style) return;
    steps = *wanted.hires_steps;
    before = wanted.steps;
    fraction = 1;
  }

  // The last step before the change; 0 or less: it has happened before the first.
  int step_of(std::u32string_view when) const {
    double step = *read_number(when, NumberForm::kSchedule);
    if (old_style) {
      if (step < 1) step *= steps;
    } else if (when.find(U'.') != std::u32string_view::npos) {
      step = (step - fraction) * steps;
    } else {
      step -= before;
    }
    return static_cast<int>(std::clamp<double>(step, -1, steps));
  }
};

std::set<int> last_steps(const ScheduleTree& tree, const Pass& pass) {
  std::set<int> last = {pass.steps};
  for (const ScheduleNode& node : tree.nodes) {
    if (node.kind == Kind::kScheduled) {
      if (const int step = pass.step_of(node.text); step >= 1) last.insert(step);
    } else if (node.kind == Kind::kAlternate) {
      for (int step = 1; last.size() < static_cast<std::size_t>(pass.steps); ++step) {
        last.insert(step);
      }
    }
  }
  return last;
}

void append_at(int step, const ScheduleTree& tree, const Pass& pass, int index,
               std::u32string& out) {
  const ScheduleNode& node = tree.nodes[static_cast<std::size_t>(index)];
  const auto append = [&](int branch) { append_at(step, tree, pass, branch, out); };
  switch (node.kind) {
    case Kind::kText:
      out += node.text;
      break;
    case Kind::kGroup:
      std::ranges::for_each(node.branches, append);
      break;
    case Kind::kScheduled:
      append(node.branches[step <= pass.step_of(node.text) ? 0 : 1]);
      break;
    case Kind::kAlternate:
      append(node.branches[static_cast<std::size_t>(step - 1) % node.branches.size()]);
      break;
  }
}

}  // namespace

std::vector<ScheduledText> schedule(std::string_view prompt, const ScheduleSteps& steps) {
  const Pass pass(steps);
  assert(pass.steps > 0);
  const std::u32string text = code_points(prompt);
  const auto tree = parse_schedule(text);
  if (!tree) return {{pass.steps, to_utf8(text)}};
  std::vector<ScheduledText> out;
  std::size_t bytes = 0;
  for (const int last : last_steps(*tree, pass)) {
    std::u32string made;
    append_at(last, *tree, pass, tree->root, made);
    out.push_back({last, to_utf8(made)});
    bytes += out.back().text.size();
    if (bytes > kMostBytes) {
      fail(ErrorCode::kUsage, "the prompt's schedule makes more than {} MiB of texts",
           kMostBytes >> 20);
    }
  }
  return out;
}

std::string_view unclosed_schedule(std::string_view prompt) {
  // Brackets that are open: where they stand, and whether a sign of a schedule has followed.
  struct Open {
    std::size_t at;
    bool square, scheduled;
  };
  std::vector<Open> open;
  for (std::size_t i = 0; i < prompt.size(); ++i) {
    const char c = prompt[i];
    if (c == '\\') {
      ++i;
    } else if (c == '[' || c == '(') {
      open.push_back({.at = i, .square = c == '[', .scheduled = false});
    } else if ((c == ']' || c == ')') && !open.empty()) {
      if (open.back().square == (c == ']')) open.pop_back();
    } else if ((c == ':' || c == '|') && !open.empty()) {
      open.back().scheduled = true;
    }
  }
  for (const Open& bracket : open) {
    if (bracket.square && bracket.scheduled) return prompt.substr(bracket.at);
  }
  return "";
}

}  // namespace easel
