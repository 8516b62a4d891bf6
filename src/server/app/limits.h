#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "store/job.h"

namespace easel::server {

/// How many jobs may wait: in all, and of an owner where there are several.
constexpr QueueLimits kQueueOfAll{.total = 1000, .per_owner = 0};
constexpr QueueLimits kQueueOfOwners{.total = kQueueOfAll.total, .per_owner = 100};

/// Why a job found no place, a line. REQUIRES: the outcome is a refusal for want of room
std::string told_full(Submission::Outcome outcome, const QueueLimits& limits);

/// Seconds after which a job that was refused for the owner's hour has room: whole ones, 1 or more.
/// Nothing where it never has.
std::optional<int> told_wait(std::int64_t wait_ms);

}  // namespace easel::server
