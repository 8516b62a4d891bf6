// The line of jobs as its owners see it: what each may ask for, their order, their pauses.

#include <algorithm>
#include <chrono>

#include "store/sqlite/jobs.h"

namespace easel {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;

// Jobs that drew, or still may. One that was cancelled in the line or answered from the gallery
// took no time.
constexpr const char* kOfTheHour =
    "FROM job WHERE owner = ? AND created > ? AND (finished IS NULL OR finished > started)";

// When the month of a time began (UTC).
std::int64_t month_of(std::int64_t ms) {
  using namespace std::chrono;
  const year_month_day day{floor<days>(sys_time<milliseconds>(milliseconds(ms)))};
  const sys_days first{day.year() / day.month() / 1};
  return duration_cast<milliseconds>(first.time_since_epoch()).count();
}

}  // namespace

OwnerUse SqliteJobs::use_of(const std::string& owner, const QueueLimits& limits) const {
  OwnerUse use;
  const std::int64_t now = clock_.wall();
  Query active(db_,
               "SELECT count(*), coalesce(sum(count), 0), "
               "coalesce(sum(iif(priority > ?, cost, 0)), 0) "
               "FROM job WHERE state IN ('queued', 'running') AND owner = ?",
               kRelaxed, owner);
  if (active.next()) {
    use.jobs = static_cast<int>(active.integer(0));
    use.pictures = static_cast<int>(active.integer(1));
  }
  if (limits.hourly) {
    Query hour(db_, std::string("SELECT coalesce(sum(count), 0) ") + kOfTheHour, owner,
               now - kHourMs);
    if (hour.next()) use.hour = static_cast<int>(hour.integer(0));
  }
  if (limits.fast_ms) {
    Query month(db_,
                "SELECT coalesce(sum(finished - started), 0) FROM job WHERE owner = ? AND "
                "created >= ? AND priority > ? AND finished > started",
                owner, month_of(now), kRelaxed);
    if (month.next()) use.fast_ms = active.integer(2) + month.integer(0);
  }
  return use;
}

std::int64_t SqliteJobs::wait_for_hour(const NewJob& wanted, const OwnerUse& use,
                                       int hourly) const {
  const std::int64_t now = clock_.wall();
  int used = use.hour;
  Query rows(db_, std::string("SELECT created, count ") + kOfTheHour + " ORDER BY created",
             wanted.owner, now - kHourMs);
  while (rows.next()) {
    used -= static_cast<int>(rows.integer(1));
    if (used + wanted.count <= hourly)
      return std::max<std::int64_t>(rows.integer(0) + kHourMs - now, 1);
  }
  return 0;
}

std::optional<Submission> SqliteJobs::refuse_if_full(const NewJob& wanted, const OwnerUse& use,
                                                     const QueueLimits& limits) const {
  using Outcome = Submission::Outcome;
  if (active("") >= limits.total) return Submission{.outcome = Outcome::kQueueFull};
  if (limits.per_owner > 0 && use.jobs >= limits.per_owner) {
    return Submission{.outcome = Outcome::kOwnerFull};
  }
  if (limits.pictures && use.pictures + wanted.count > *limits.pictures) {
    return Submission{.outcome = Outcome::kOwnerPictures};
  }
  if (limits.hourly && use.hour + wanted.count > *limits.hourly) {
    return Submission{.outcome = Outcome::kOwnerHour,
                      .wait = wait_for_hour(wanted, use, *limits.hourly)};
  }
  return std::nullopt;
}

std::optional<JobRecord> SqliteJobs::claim_least(const std::string& worker) {
  Query row(db_,
            "SELECT id FROM job WHERE state = 'queued' AND run_at <= ?1 AND owner NOT IN "
            "(SELECT owner FROM paused) AND priority = (SELECT min(priority) FROM job WHERE "
            "state = 'queued' AND run_at <= ?1 AND owner NOT IN (SELECT owner FROM paused)) "
            "ORDER BY rank, id LIMIT 1",
            clock_.steady());
  return row.next() ? take(row.text(0), worker) : std::nullopt;
}

// The ranks stay where they are, and the jobs change them. Equal ones are told apart, since of
// these the older job would go first.
bool SqliteJobs::move(const std::string& id, const std::string& before) {
  const std::optional<JobRecord> job = find(id);
  if (!job || job->state != JobState::kQueued || id == before) return false;
  std::vector<std::string> ids;
  std::vector<std::int64_t> ranks;
  {
    Query rows(db_,
               "SELECT id, rank FROM job WHERE state = 'queued' AND owner = ? AND priority = ? "
               "ORDER BY rank, id",
               job->owner, job->priority);
    while (rows.next()) {
      ids.push_back(rows.text(0));
      ranks.push_back(rows.integer(1));
    }
  }
  std::erase(ids, id);
  const auto place = before.empty() ? ids.end() : std::ranges::find(ids, before);
  if (place == ids.end() && !before.empty()) return false;
  ids.insert(place, id);
  for (std::size_t k = 0; k < ids.size(); ++k) {
    if (k > 0) ranks[k] = std::max(ranks[k], ranks[k - 1] + 1);
    db_.execute("UPDATE job SET rank = ? WHERE id = ? AND rank != ?", ranks[k], ids[k], ranks[k]);
  }
  return true;
}

bool SqliteJobs::paused(const std::string& owner) const {
  return Query(db_, "SELECT 1 FROM paused WHERE owner = ?", owner).next();
}

void SqliteJobs::set_paused(const std::string& owner, bool paused) {
  db_.execute(paused ? "INSERT OR IGNORE INTO paused(owner) VALUES(?)"
                     : "DELETE FROM paused WHERE owner = ?",
              owner);
}

}  // namespace easel
