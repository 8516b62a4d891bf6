#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "store/timing.h"
#include "work/event_sink.h"

namespace easel {

/// How much work the steps of a run are, counted in steps at the recipe's own size: one of a second
/// pass counts as many of them as it has more pixels. A value.
class StepSizes {
 public:
  explicit StepSizes(const Recipe& recipe);

  /// A picture's, before it is drawn. Of one that begins at a picture the share that its strength
  /// leaves.
  double expected() const;
  /// Up to a step, 0 to `steps`, of a run that counts to `steps`.
  double up_to(int step, int steps) const;
  /// How many times the recipe's own size a finished picture has.
  double last() const { return last_; }

 private:
  int first_ = 0;   // steps
  int second_ = 0;  // of a second pass
  double last_ = 1;
};

/// What drawing cost on this machine so far, by model, sampler, guidance and size. From any thread.
class StepTimes {
 public:
  /// Takes what earlier runs measured.
  void load(const std::vector<TimingRecord>& timings);

  /// Averages one more run in; returns what to store.
  TimingRecord add(const DrawJob& job, const RunTimes& times);

  struct Expected {
    RunTimes times;
    bool measured = false;  ///< at these settings and this size, not scaled from others
  };
  /// The nearest that was measured, scaled by pixels; nothing when the model was never used. Of
  /// steps of the recipe's own size, and of pictures as large as that.
  std::optional<Expected> expected(const DrawJob& job) const;
  /// Seconds of the whole job.
  static double seconds(const DrawJob& job, const RunTimes& times);

 private:
  struct Entry {
    RunTimes times;
    int runs = 0;
  };
  mutable std::mutex mutex_;
  std::map<std::string, Entry> entries_;
};

}  // namespace easel
