#include "server/app/running.h"

#include <algorithm>
#include <utility>

namespace easel::server {

std::optional<double> Running::step(const std::string& job, const Progress& progress) {
  const auto found = jobs_.find(job);
  if (found == jobs_.end()) return std::nullopt;
  const std::optional<Progress> before = std::exchange(found->second.progress, progress);
  if (!before || progress.step < 2 || progress.step != before->step + 1) return std::nullopt;
  return progress.seconds - before->seconds;
}

void Running::preview(const std::string& job, std::vector<std::string> pictures) {
  const auto found = jobs_.find(job);
  if (found != jobs_.end()) found->second.preview = std::move(pictures);
}

const Progress* Running::progress_of(const std::string& job) const {
  const auto found = jobs_.find(job);
  return found != jobs_.end() && found->second.progress ? &*found->second.progress : nullptr;
}

double Running::seconds_left() const {
  double most = 0;
  for (const auto& [id, job] : jobs_) {
    if (job.progress) most = std::max(most, job.progress->seconds_left.value_or(0));
  }
  return most;
}

}  // namespace easel::server
