#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>

namespace easel::server {

/// How often something took how long.
class Durations {
 public:
  void add(double seconds);
  /// As a histogram of Prometheus; `label` is `route="…"` or empty.
  void write(std::string& out, const std::string& name, const std::string& label) const;

 private:
  static constexpr std::array<double, 12> kBounds = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                                     0.5,   1,    2.5,   10,   60,  600};
  std::array<std::int64_t, 13> counts_{};
  double sum_ = 0;
  std::int64_t count_ = 0;
};

/// Counts for Prometheus. On the loop's thread.
class Metrics {
 public:
  void request(int status);
  /// `route`: "GET /api/v1/jobs/{id}"
  void answered(const std::string& route, double seconds) { routes_[route].add(seconds); }
  void job_waited(double seconds) { waits_.add(seconds); }
  void step(double seconds) { steps_.add(seconds); }
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
  void add_durations(std::string& out) const;

  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::map<int, std::int64_t> requests_;  // by status
  std::map<std::string, std::int64_t> jobs_;
  std::map<std::string, Durations> routes_;
  Durations waits_;
  Durations steps_;
  std::int64_t pictures_ = 0;
  std::int64_t troubles_ = 0;
};

}  // namespace easel::server
