#include <array>
#include <cstddef>

#include "store/job.h"

namespace easel {
namespace {

constexpr std::array<std::string_view, 6> kNames = {"queued", "running",   "done",
                                                    "failed", "cancelled", "dead"};

}  // namespace

std::string_view name_of(JobState state) { return kNames[static_cast<std::size_t>(state)]; }

std::optional<JobState> job_state_named(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<JobState>(i);
  }
  return std::nullopt;
}

bool is_final(JobState state) { return state != JobState::kQueued && state != JobState::kRunning; }

}  // namespace easel
