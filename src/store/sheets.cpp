#include "store/sheets.h"

#include <algorithm>
#include <iterator>

namespace easel {

SheetSubmission submit_sheet(Transaction& all, const SheetRecord& sheet,
                             const std::vector<NewJob>& cells, const IdempotencyKey& key,
                             const QueueLimits& limits) {
  using Outcome = Submission::Outcome;
  const Submission answered = all.jobs().answer_with(sheet.id, sheet.owner, key);
  if (answered.outcome != Outcome::kAccepted) return {answered.outcome, answered.answer};
  all.sheets().add(sheet);
  for (const NewJob& job : cells) {
    const Submission made = all.jobs().submit(job, {}, limits);
    if (made.outcome != Outcome::kAccepted) return {made.outcome, sheet.id, made.wait};
  }
  return {Outcome::kAccepted, sheet.id};
}

std::vector<std::pair<std::string, JobState>> cancel_sheet(Transaction& all,
                                                           const std::string& id) {
  std::vector<std::pair<std::string, JobState>> cancelled;
  for (const JobState state : {JobState::kQueued, JobState::kRunning}) {
    for (const std::string& job : all.sheets().jobs(id, state)) cancelled.emplace_back(job, state);
  }
  for (const auto& [job, before] : cancelled) all.jobs().cancel(job);
  return cancelled;
}

bool resume_sheet(Transaction& all, const std::string& id, const QueueLimits& limits) {
  std::vector<std::string> stopped;
  for (const JobState state : {JobState::kCancelled, JobState::kFailed, JobState::kDead}) {
    std::ranges::copy(all.sheets().jobs(id, state), std::back_inserter(stopped));
  }
  const int active = all.jobs().active("");
  if (active + static_cast<int>(stopped.size()) > limits.total) return false;
  for (const std::string& job : stopped) all.jobs().requeue(job);
  return true;
}

}  // namespace easel
