#pragma once

#include "store/job.h"

namespace easel::server {

/// How many jobs may wait: in all, and of an owner where there are several.
constexpr QueueLimits kQueueOfAll{.total = 1000, .per_owner = 0};
constexpr QueueLimits kQueueOfOwners{.total = kQueueOfAll.total, .per_owner = 100};

}  // namespace easel::server
