#pragma once

#include <cstdint>
#include <optional>

namespace easel {

/// Who is next: jobs of one priority are served by rank, then by age. A job's rank is given once,
/// when it is queued, from what the store reads off its indexes; so choosing the next job is
/// looking at the first row, and a place in the line is a count of smaller ranks.
///
/// Start-time fair queueing (Goyal, Vin, Cheng 1996) with the milliseconds that jobs are thought to
/// take: a client's jobs stand one behind the other, each as far as the one before it is long, and
/// a client that comes new starts where the line is served now. So somebody with one job goes next
/// but one, however many another client has waiting, and who has just been served has no claim on
/// the future.
struct Line {
  std::optional<std::int64_t> running;   ///< greatest rank running in this priority
  std::optional<std::int64_t> waiting;   ///< least rank queued in it
  std::optional<std::int64_t> own_last;  ///< greatest rank of the client's queued and running jobs
  std::int64_t own_cost = 0;             ///< what that job of the client's costs
};

/// The rank of a job that joins the line.
std::int64_t rank_in(const Line& line);

/// Places further down the line are not counted.
constexpr int kMostPlaces = 1000;

}  // namespace easel
