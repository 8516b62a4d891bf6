#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>

namespace easel::server {

/// Counts for Prometheus. On the loop's thread.
class Metrics {
 public:
  void request(int status);
  void step(double seconds);
  void picture() { ++pictures_; }
  void job_ended(const std::string& state) { ++jobs_[state]; }
  void trouble() { ++troubles_; }
  /// Seconds since the start.
  double uptime() const;

  /// What is so right now.
  struct Gauges {
    int queued = 0;
    int running = 0;
    int connections = 0;
    int streams = 0;
    std::int64_t gallery = 0;
    std::int64_t disk_free = 0;
    bool paused = false;
    bool model_loaded = false;
    double uptime = 0;
  };
  /// In Prometheus' text format.
  std::string text(const Gauges& gauges) const;

 private:
  static void add_gauges(std::string& out, const Gauges& now);
  void add_counters(std::string& out) const;
  void add_steps(std::string& out) const;

  static constexpr std::array<double, 10> kBounds = {0.005, 0.01, 0.025, 0.05, 0.1,
                                                     0.25,  0.5,  1,     2.5,  10};
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::map<int, std::int64_t> requests_;  // by status
  std::map<std::string, std::int64_t> jobs_;
  std::array<std::int64_t, 11> steps_{};
  double step_sum_ = 0;
  std::int64_t step_count_ = 0;
  std::int64_t pictures_ = 0;
  std::int64_t troubles_ = 0;
};

}  // namespace easel::server
