#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace easel {

/// What a schedule's text is made of: a list of runs of text, schedules and alternations.
struct ScheduleNode {
  enum class Kind {
    kText,       ///< `text`
    kGroup,      ///< all of `branches`, one after the other
    kScheduled,  ///< branches[0] until the step `when`, branches[1] after it
    kAlternate,  ///< one of `branches` a step
  };
  Kind kind = Kind::kText;
  std::u32string_view text = {};   ///< kText; `when` as it is written of kScheduled
  std::vector<int> branches = {};  ///< nodes
};

/// A parsed prompt; `nodes` views the text that was parsed.
struct ScheduleTree {
  std::vector<ScheduleNode> nodes;
  int root = 0;
};

/// Nothing where the text as a whole is no schedule: a "|" outside alternations, a backslash at its
/// end. A bracket or colon that is part of none is text. Throws kUsage as schedule().
std::optional<ScheduleTree> parse_schedule(std::u32string_view text);

}  // namespace easel
