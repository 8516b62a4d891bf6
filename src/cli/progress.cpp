#include "cli/progress.h"

#include <algorithm>
#include <cstdio>

#include "core/printable.h"

namespace easel::cli {

Progress::Progress(const Console& console, bool quiet)
    : style_(quiet                     ? Style::kQuiet
             : console.err_is_terminal ? Style::kLine
                                       : Style::kPlain),
      columns_(console.columns) {}

Progress::~Progress() { clear(); }

void Progress::update(double fraction, const std::string& text) {
  if (style_ == Style::kQuiet) return;
  if (style_ == Style::kLine) return overwrite(text);
  const int tenths = static_cast<int>(std::clamp(fraction, 0.0, 1.0) * 10);
  if (tenths <= tenths_) return;
  tenths_ = tenths;
  print_error_line(text);
}

void Progress::status(const std::string& text) {
  if (style_ == Style::kLine) overwrite(text);
}

void Progress::note(const std::string& text) {
  if (style_ == Style::kQuiet) return;
  clear();
  print_error_line(text);
}

void Progress::clear() {
  if (!shown_) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
  shown_ = false;
}

void Progress::restart() { tenths_ = -1; }

void Progress::overwrite(const std::string& text) {
  // One column less than there are: some terminals wrap as soon as the last one is filled.
  const auto room = static_cast<std::size_t>(std::max(1, columns_ - 1));
  std::fputs(("\r" + without_controls(text).substr(0, room) + "\033[K").c_str(), stderr);
  std::fflush(stderr);
  shown_ = true;
}

double TimeLeft::at(double fraction, double seconds) {
  if (first_fraction_ < 0) {
    first_fraction_ = fraction;
    first_seconds_ = seconds;
  }
  const double done = fraction - first_fraction_;
  if (done <= 0) return fraction >= 1 ? 0 : -1;
  return (seconds - first_seconds_) * (1 - fraction) / done;
}

}  // namespace easel::cli
