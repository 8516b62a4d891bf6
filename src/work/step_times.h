#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "store/timing.h"
#include "work/event_sink.h"

namespace easel {

/// What drawing cost on this machine so far, by model, sampler, guidance and size. From any thread.
class StepTimes {
 public:
  /// Takes what earlier runs measured.
  void load(const std::vector<TimingRecord>& timings);

  /// Averages one more run in; returns what to store.
  TimingRecord add(const DrawJob& job, const RunTimes& times);

  struct Expected {
    RunTimes times;
    bool measured = false;  ///< at these very settings, not scaled from others
  };
  /// The nearest that was measured, scaled by pixels; nothing when the model was never used.
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
