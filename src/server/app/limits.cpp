#include "server/app/limits.h"

#include <fmt/format.h>

namespace easel::server {

std::string told_full(Submission::Outcome outcome, const QueueLimits& limits) {
  using Outcome = Submission::Outcome;
  switch (outcome) {
    case Outcome::kOwnerFull:
      return fmt::format("{} jobs of yours wait already", limits.per_owner);
    case Outcome::kOwnerPictures:
      return fmt::format("that is more than the {} pictures of yours that may wait at once",
                         limits.pictures.value_or(0));
    case Outcome::kOwnerHour:
      return fmt::format("that is more than the {} pictures that you may ask for in an hour",
                         limits.hourly.value_or(0));
    default:
      return fmt::format("the queue is full: {} jobs wait", limits.total);
  }
}

std::optional<int> told_wait(std::int64_t wait_ms) {
  if (wait_ms <= 0) return std::nullopt;
  return static_cast<int>((wait_ms + 999) / 1000);
}

}  // namespace easel::server
