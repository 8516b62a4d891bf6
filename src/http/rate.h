#pragma once

#include <chrono>
#include <map>
#include <string>

namespace easel {

/// A bucket of permits for each key that refills steadily.
class RateLimit {
 public:
  using Clock = std::chrono::steady_clock;
  struct Spec {
    double per_second = 10;
    double burst = 20;
  };
  explicit RateLimit(Spec spec) : spec_(spec) {}

  /// Takes a permit; returns 0, or the seconds to wait for one.
  double take(const std::string& key, Clock::time_point now);

 private:
  struct Bucket {
    double permits = 0;
    Clock::time_point filled;
  };
  Spec spec_;
  std::map<std::string, Bucket> buckets_;
};

}  // namespace easel
