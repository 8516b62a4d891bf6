#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace easel {

/// The steps that a schedule is for.
struct ScheduleSteps {
  int steps = 20;                  ///< of the first pass
  std::optional<int> hires_steps;  ///< of the second, if the schedule is for that one
  bool old_style = false;          ///< A1111's before 1.6: numbers from 1 on are steps, dot or not
};

/// A prompt's text until the end of a step.
struct ScheduledText {
  int last_step = 0;  ///< from 1 on
  std::string text;
  friend bool operator==(const ScheduledText&, const ScheduledText&) = default;
};

/// AUTOMATIC1111's schedules: "[from:to:when]", "[to:when]", "[from::when]", "[a|b|c]" (one a
/// step), nested. `when` with a dot is a fraction of the steps, without one a step; of the second
/// pass 1.0 to 2.0, or steps beyond the first. Where any of it is broken the whole text stands for
/// itself. The last entry ends with the last step; neighbours may be equal. Throws kUsage when
/// brackets nest deeper than kMostBrackets or the texts come to more than 16 MiB. REQUIRES: steps >
/// 0
std::vector<ScheduledText> schedule(std::string_view prompt, const ScheduleSteps& steps);

/// From the first bracket on that begins a schedule or an alternation and is never closed:
/// "[cat:dog:5 on a mat"; empty where there is none.
std::string_view unclosed_schedule(std::string_view prompt);

}  // namespace easel
