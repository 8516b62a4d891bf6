#pragma once

#include <chrono>
#include <string>

#include "cli/console.h"

namespace easel::cli {

/// How far a long piece of work is, on standard error: one line that is overwritten on a terminal,
/// a plain line now and then elsewhere, nothing when quiet.
class Progress {
 public:
  enum class Style { kLine, kPlain, kQuiet };

  Progress(const Console& console, bool quiet);
  /// Wipes the line.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `fraction` of the work is done, in [0, 1]; `text` says it in words. On a terminal shown at
  /// once, elsewhere at every tenth and at the end.
  void update(double fraction, const std::string& text);
  /// Whether lines stay: each is one more in somebody's log.
  bool is_plain() const { return style_ == Style::kPlain; }
  /// For a moment, on a terminal only ("reading the model").
  void status(const std::string& text);
  /// A line that stays.
  void note(const std::string& text);
  /// Wipes the line, so that something else can be printed.
  void clear();
  /// Plain lines start again from nothing.
  void restart();

 private:
  void overwrite(const std::string& text);

  Style style_;
  int columns_;
  bool shown_ = false;
  int tenths_ = -1;
};

/// Time left of work that was at `first_fraction` when the clock was first read. Estimates nothing
/// until some work was seen.
class TimeLeft {
 public:
  /// Returns seconds left, negative while unknown.
  double at(double fraction, double seconds);

 private:
  double first_fraction_ = -1;
  double first_seconds_ = 0;
};

}  // namespace easel::cli
