#include "http/rate.h"

#include <algorithm>

namespace easel {

double RateLimit::take(const std::string& key, Clock::time_point now) {
  const auto [at, added] = buckets_.try_emplace(key, Bucket{spec_.burst, now});
  Bucket& bucket = at->second;
  const double passed = std::chrono::duration<double>(now - bucket.filled).count();
  bucket.permits = std::min(spec_.burst, bucket.permits + passed * spec_.per_second);
  bucket.filled = now;
  if (bucket.permits < 1) return (1 - bucket.permits) / spec_.per_second;
  bucket.permits -= 1;
  return 0;
}

}  // namespace easel
