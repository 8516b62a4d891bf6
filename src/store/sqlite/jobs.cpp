#include "store/sqlite/jobs.h"

#include <algorithm>

#include "core/error.h"
#include "store/sqlite/job_columns.h"
#include "store/sqlite/pictures.h"
#include "store/turns.h"
#include "store/ulid.h"

namespace easel {

namespace {

// New ids in the places that have none.
void choose_picture_ids(std::vector<std::string>& ids, int count) {
  ids.resize(static_cast<std::size_t>(std::max(count, 0)));
  for (std::string& id : ids) {
    if (id.empty()) id = new_ulid();
  }
}

bool any(const std::vector<std::string>& ids) {
  return std::ranges::any_of(ids, [](const std::string& id) { return !id.empty(); });
}
bool all(const std::vector<std::string>& ids) {
  return !ids.empty() &&
         std::ranges::none_of(ids, [](const std::string& id) { return id.empty(); });
}

// Gives a new job the pictures that are there; with all of them it is done.
void fill_in(JobRecord& job, std::vector<std::string> there) {
  if (!any(there)) return;
  if (all(there)) {
    job.state = JobState::kDone;
    job.started = job.finished = job.created;
  }
  job.picture_ids = std::move(there);
  choose_picture_ids(job.picture_ids, job.count);
}

// Every write of a worker carries all of its lease.
constexpr const char* kUnderLease =
    " WHERE id = ? AND attempt = ? AND worker = ? AND state = 'running'";

std::string under_lease(std::string_view update) { return std::string(update) + kUnderLease; }

}  // namespace

std::optional<Submission> SqliteJobs::answered_before(const std::string& owner,
                                                      const IdempotencyKey& key) {
  if (key.key.empty()) return std::nullopt;
  Query row(db_, "SELECT body, job FROM idempotency WHERE owner = ? AND key = ?", owner, key.key);
  if (!row.next()) return std::nullopt;
  if (row.text(0) != key.body_hash) return Submission{.outcome = Submission::Outcome::kOtherBody};
  return Submission{.outcome = Submission::Outcome::kReplayed,
                    .job = find(row.text(1)).value_or(JobRecord{}),
                    .answer = row.text(1)};
}

std::int64_t SqliteJobs::next_rank(const std::string& client, int priority) const {
  const auto rank_of = [&](const char* sql) -> std::optional<std::int64_t> {
    Query row(db_, sql, priority);
    return row.next() ? row.optional_integer(0) : std::nullopt;
  };
  Line line;
  line.running = rank_of("SELECT max(rank) FROM job WHERE priority = ? AND state = 'running'");
  line.waiting = rank_of("SELECT min(rank) FROM job WHERE priority = ? AND state = 'queued'");
  Query own(db_,
            "SELECT rank, cost FROM job WHERE client = ? AND priority = ? "
            "AND state IN ('queued', 'running') ORDER BY rank DESC LIMIT 1",
            client, priority);
  if (own.next()) {
    line.own_last = own.integer(0);
    line.own_cost = own.integer(1);
  }
  return rank_in(line);
}

// The gallery's pictures of these hashes, "" where there is none. What a listed job shows is
// listed.
std::vector<std::string> SqliteJobs::reused(const std::vector<std::string>& hashes, bool listed) {
  std::vector<std::string> ids;
  for (const std::string& hash : hashes) {
    ids.push_back(SqlitePictures(db_).find_drawn(hash).value_or(""));
    if (listed && !ids.back().empty()) {
      db_.execute("UPDATE picture SET listed = 1 WHERE id = ? AND listed = 0", ids.back());
    }
  }
  return ids;
}

// What others made since the job was submitted takes the places that it has not filled itself.
void SqliteJobs::take_over_drawn(JobRecord& job) {
  if (!job.reuse) return;
  job.hashes.resize(static_cast<std::size_t>(std::max(job.count, 0)));
  job.picture_ids.resize(job.hashes.size());
  const SqlitePictures pictures(db_);
  std::vector<std::string> open = job.hashes;
  for (std::size_t k = 0; k < open.size(); ++k) {
    if (pictures.find(job.picture_ids[k])) open[k].clear();
  }
  const std::vector<std::string> there = reused(open, job.listed);
  for (std::size_t k = 0; k < there.size(); ++k) {
    if (!there[k].empty()) job.picture_ids[k] = there[k];
  }
}

Submission SqliteJobs::submit(const NewJob& wanted, const IdempotencyKey& key,
                              const QueueLimits& limits) {
  if (auto before = answered_before(wanted.owner, key)) return *before;
  std::vector<std::string> there;
  if (wanted.reuse) there = reused(wanted.hashes, wanted.listed);
  const bool done = all(there);
  const OwnerUse use = use_of(wanted.owner, limits);
  if (auto refusal = refuse_if_full(wanted, use, limits); refusal && !done) return *refusal;
  const bool relaxed = limits.fast_ms && use.fast_ms >= *limits.fast_ms;
  const int priority = relaxed ? std::min(wanted.priority, kRelaxed) : wanted.priority;
  JobRecord job{.id = new_ulid(),
                .owner = wanted.owner,
                .client = wanted.client,
                .kind = wanted.kind,
                .priority = priority,
                .request = wanted.request,
                .hash = wanted.hash,
                .model = wanted.model,
                .count = wanted.count,
                .hashes = wanted.hashes,
                .reuse = wanted.reuse,
                .listed = wanted.listed,
                .sheet = wanted.sheet,
                .cell = wanted.cell,
                .cost = std::max<std::int64_t>(wanted.cost, 1),
                .rank = next_rank(wanted.client, priority),
                .created = clock_.wall()};
  fill_in(job, std::move(there));
  Savepoint both(db_);
  insert_row<JobColumns>(db_, "job", job, "run_at", clock_.steady());
  if (!key.key.empty()) answer_with(job.id, job.owner, key);
  both.keep();
  std::string id = job.id;
  return {
      .outcome = Submission::Outcome::kAccepted, .job = std::move(job), .answer = std::move(id)};
}

Submission SqliteJobs::answer_with(const std::string& id, const std::string& owner,
                                   const IdempotencyKey& key) {
  if (auto before = answered_before(owner, key)) return *before;
  if (!key.key.empty()) {
    db_.execute("INSERT INTO idempotency(owner, key, body, job) VALUES(?, ?, ?, ?)", owner, key.key,
                key.body_hash, id);
  }
  return {.outcome = Submission::Outcome::kAccepted,
          .job = find(id).value_or(JobRecord{}),
          .answer = id};
}

std::optional<JobRecord> SqliteJobs::claim(const std::string& worker) {
  const std::vector<std::string> next = line(1);
  return next.empty() ? std::nullopt : take(next.front(), worker);
}

std::optional<JobRecord> SqliteJobs::take(const std::string& id, const std::string& worker) {
  std::optional<JobRecord> job = find(id);
  if (!job) return std::nullopt;
  take_over_drawn(*job);
  choose_picture_ids(job->picture_ids, job->count);
  db_.execute(
      "UPDATE job SET state = 'running', attempt = attempt + 1, worker = ?, lease_until = ?, "
      "started = coalesce(started, ?), picture_ids = ? WHERE id = ? AND state = 'queued'",
      worker, clock_.steady() + kLeaseMs, clock_.wall(), Json(job->picture_ids).dump(), job->id);
  return find(job->id);
}

Beat SqliteJobs::heartbeat(const std::string& worker, std::span<const Lease> held) {
  db_.execute("UPDATE job SET lease_until = ? WHERE state = 'running' AND worker = ?",
              clock_.steady() + kLeaseMs, worker);
  Beat beat;
  std::vector<Lease> own;
  Query rows(db_, "SELECT id, attempt, cancel FROM job WHERE state = 'running' AND worker = ?",
             worker);
  while (rows.next()) {
    own.push_back({rows.text(0), rows.integer(1), worker});
    if (rows.integer(2) != 0) beat.cancelled.push_back(rows.text(0));
    if (std::ranges::find(held, own.back()) == held.end()) beat.unknown.push_back(own.back());
  }
  for (const Lease& lease : held) {
    if (std::ranges::find(own, lease) == own.end()) beat.lost.push_back(lease);
  }
  return beat;
}

bool SqliteJobs::progressed(const Lease& lease) {
  return db_.execute(under_lease("UPDATE job SET crashes = 0, losses = 0"), lease.job,
                     lease.attempt, lease.worker) > 0;
}

bool SqliteJobs::settle(const Lease& lease, Ending ending, const std::string& error) {
  switch (ending) {
    case Ending::kDone:
      return end(lease, JobState::kDone, "");
    case Ending::kFailed:
      return end(lease, JobState::kFailed, error);
    case Ending::kCancelled:
      return end(lease, JobState::kCancelled, "");
    case Ending::kRetryLater:
      return retry_later(lease, error);
    case Ending::kGivenBack:
      return give_back(lease);
  }
  return false;
}

bool SqliteJobs::end(const Lease& lease, JobState state, const std::string& error) {
  return db_.execute(under_lease("UPDATE job SET state = ?, error = ?, finished = ?, "
                                 "worker = NULL, lease_until = NULL"),
                     name_of(state), error, clock_.wall(), lease.job, lease.attempt,
                     lease.worker) > 0;
}

bool SqliteJobs::retry_later(const Lease& lease, const std::string& error) {
  // 2^crashes seconds, give or take half, so that many that failed together do not meet again.
  const std::int64_t jitter = 500 + clock_.wall() % 1000;
  return db_.execute(
             under_lease("UPDATE job SET crashes = crashes + 1, error = ?, worker = NULL, "
                         "lease_until = NULL, state = iif(crashes + 1 >= ?, 'dead', 'queued'), "
                         "finished = iif(crashes + 1 >= ?, ?, NULL), "
                         "run_at = ? + (2 << crashes) * ?"),
             error, kMaxCrashes, kMaxCrashes, clock_.wall(), clock_.steady(), jitter, lease.job,
             lease.attempt, lease.worker) > 0;
}

bool SqliteJobs::give_back(const Lease& lease) {
  return db_.execute(
             under_lease("UPDATE job SET state = iif(cancel = 1, 'cancelled', 'queued'), "
                         "finished = iif(cancel = 1, ?, NULL), worker = NULL, lease_until = NULL"),
             clock_.wall(), lease.job, lease.attempt, lease.worker) > 0;
}

bool SqliteJobs::add_note(const Lease& lease, const std::string& note) {
  return db_.execute(under_lease("UPDATE job SET notes = json_insert(notes, '$[#]', ?)"), note,
                     lease.job, lease.attempt, lease.worker) > 0;
}

std::optional<JobRecord> SqliteJobs::cancel(const std::string& id) {
  db_.execute(
      "UPDATE job SET cancel = 1, finished = iif(state = 'queued', ?, finished), "
      "state = iif(state = 'queued', 'cancelled', state) "
      "WHERE id = ? AND state IN ('queued', 'running')",
      clock_.wall(), id);
  return find(id);
}

bool SqliteJobs::requeue(const std::string& id) {
  const std::optional<JobRecord> job = find(id);
  if (!job) return false;
  return db_.execute(
             "UPDATE job SET state = 'queued', cancel = 0, crashes = 0, losses = 0, error = '', "
             "run_at = ?, rank = ?, finished = NULL "
             "WHERE id = ? AND state IN ('cancelled', 'failed', 'dead')",
             clock_.steady(), next_rank(job->client, job->priority), id) > 0;
}

int SqliteJobs::queue_lost(Loss loss, const std::string& which, const std::string& argument) {
  constexpr const char* kLost =
      R"({"type":"easel:crashed","title":"drawing was cut short","status":500,)"
      R"("detail":"the program that drew it ended again and again before a picture was done"})";
  const int crash = loss == Loss::kCrash ? 1 : 0;
  // ?5 + crashes and ?6 + losses: what they are after this one.
  const std::string over = "(crashes + ?5 >= ?2 OR losses + ?6 >= ?7)";
  return static_cast<int>(db_.execute(
      "UPDATE job SET crashes = crashes + ?5, losses = losses + ?6, worker = NULL, "
      "lease_until = NULL, run_at = ?8, state = CASE WHEN cancel = 1 THEN 'cancelled' WHEN " +
          over + " THEN 'dead' ELSE 'queued' END, finished = CASE WHEN cancel = 1 OR " + over +
          " THEN ?1 END, error = iif(cancel = 0 AND " + over +
          ", ?3, '') WHERE state = 'running' AND " + which,
      clock_.wall(), kMaxCrashes, kLost, argument, crash, 1 - crash, kMaxLosses, clock_.steady()));
}

int SqliteJobs::recover(Loss loss) {
  // Time may have jumped while nobody looked: nothing waits longer than it was to.
  db_.execute("UPDATE job SET run_at = min(run_at, ?) WHERE state = 'queued'", clock_.steady());
  return queue_lost(loss, "?4 = ''", "");
}

int SqliteJobs::reap(const std::set<std::string>& living) {
  return queue_lost(Loss::kCrash,
                    "lease_until < ?8 AND worker NOT IN (SELECT value FROM json_each(?4))",
                    Json(std::vector<std::string>(living.begin(), living.end())).dump());
}

}  // namespace easel
