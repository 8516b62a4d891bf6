#pragma once

#include <string>
#include <utility>
#include <vector>

#include "store/records.h"

namespace easel {

// What is done to a whole sheet, in one transaction, over any database.

struct SheetSubmission {
  Submission::Outcome outcome = Submission::Outcome::kAccepted;
  std::string id;         ///< the sheet's: for kReplayed, that of then
  std::int64_t wait = 0;  ///< as Submission's
};

/// Adds a sheet and the jobs of its cells, all or none. Work that gets a refusal has to throw, so
/// that the cells that had room are undone.
SheetSubmission submit_sheet(Transaction& all, const SheetRecord& sheet,
                             const std::vector<NewJob>& cells, const IdempotencyKey& key,
                             const QueueLimits& limits);

/// Cancels the cells that wait or run; returns them with the state in which they were.
std::vector<std::pair<std::string, JobState>> cancel_sheet(Transaction& all, const std::string& id);

/// Queues the cells again that were cancelled, failed or died; false, and nothing is queued, when
/// more than `limits.total` jobs would wait.
bool resume_sheet(Transaction& all, const std::string& id, const QueueLimits& limits);

}  // namespace easel
