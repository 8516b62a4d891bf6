#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "work/event_sink.h"

namespace easel::server {

/// The jobs that are being drawn, and how far each is. On the loop's thread.
class Running {
 public:
  struct Job {
    std::optional<Progress> progress;  ///< none before the first step
    std::vector<std::string> preview;  ///< the last one's pictures, PNG files
  };

  void begin(const std::string& job) { jobs_[job] = {}; }
  void end(const std::string& job) { jobs_.erase(job); }
  /// Returns the seconds that this step took, where the one before it is known.
  std::optional<double> step(const std::string& job, const Progress& progress);
  void preview(const std::string& job, std::vector<std::string> pictures);

  bool empty() const { return jobs_.empty(); }
  int count() const { return static_cast<int>(jobs_.size()); }
  const std::map<std::string, Job>& all() const { return jobs_; }
  /// Null when it does not run, or has made no step yet.
  const Progress* progress_of(const std::string& job) const;
  /// Until the last of them is done, as far as that is known.
  double seconds_left() const;

  /// Clients that ask how far it is, instead of listening, want previews until then. From any
  /// thread.
  std::atomic<std::int64_t> previews_until{0};

 private:
  std::map<std::string, Job> jobs_;
};

}  // namespace easel::server
