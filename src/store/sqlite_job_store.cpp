#include "store/sqlite_job_store.h"

#include <algorithm>
#include <map>
#include <utility>

#include "core/error.h"
#include "core/json.h"
#include "store/ulid.h"

namespace easel {
namespace {

constexpr const char* kColumns =
    "SELECT id, owner, client, kind, state, priority, request, hash, model, count, picture_ids, "
    "attempt, cancel, error, notes, sheet, cell, created, started, finished FROM job ";

std::string select(std::string_view rest) { return kColumns + std::string(rest); }

JobRecord record_of(const Query& row) {
  JobRecord job;
  job.id = row.text(0);
  job.owner = row.text(1);
  job.client = row.text(2);
  job.kind = row.text(3);
  job.state = job_state_named(row.text(4)).value_or(JobState::kDead);
  job.priority = static_cast<int>(row.integer(5));
  job.request = row.text(6);
  job.hash = row.text(7);
  job.model = row.text(8);
  job.count = static_cast<int>(row.integer(9));
  if (!row.is_null(10)) job.picture_ids = Json::parse(row.text(10)).get<std::vector<std::string>>();
  job.attempt = row.integer(11);
  job.cancel = row.integer(12) != 0;
  job.error = row.text(13);
  job.notes = row.text(14);
  job.sheet = row.optional_text(15);
  if (!row.is_null(16)) job.cell = static_cast<int>(row.integer(16));
  job.created = row.integer(17);
  job.started = row.optional_integer(18);
  job.finished = row.optional_integer(19);
  return job;
}

std::string new_picture_ids(int count) {
  Json ids = Json::array();
  for (int i = 0; i < count; ++i) ids.push_back(new_ulid());
  return ids.dump();
}

struct Waiting {
  std::string id;
  std::string client;
  int priority = 0;
};

// The order in which waiting jobs are served: by priority; within one, the client that was served
// longest ago goes first and then to the back of the line; a client's own jobs by age.
std::vector<std::string> in_turns(const std::vector<Waiting>& waiting,
                                  std::map<std::string, std::int64_t> served) {
  std::int64_t turn = 0;
  for (const auto& [client, when] : served) turn = std::max(turn, when);
  std::vector<std::string> order;
  for (auto level = waiting.begin(); level != waiting.end();) {
    const auto end = std::find_if(
        level, waiting.end(), [&](const Waiting& job) { return job.priority != level->priority; });
    std::map<std::string, std::vector<std::string>> lines;  // newest first, so that back() is next
    for (auto job = end; job-- != level;) lines[job->client].push_back(job->id);
    while (!lines.empty()) {
      const auto next = std::min_element(lines.begin(), lines.end(), [&](auto& a, auto& b) {
        // Two that are equal, as two that were never served, go by age.
        return std::pair(served[a.first], std::string_view(a.second.back())) <
               std::pair(served[b.first], std::string_view(b.second.back()));
      });
      order.push_back(next->second.back());
      served[next->first] = ++turn;
      next->second.pop_back();
      if (next->second.empty()) lines.erase(next);
    }
    level = end;
  }
  return order;
}

}  // namespace

SqliteJobStore::SqliteJobStore(Database& database) : SqliteJobStore(database, now_ms) {}
SqliteJobStore::SqliteJobStore(Database& database, Clock clock)
    : db_(database), clock_(std::move(clock)) {}

std::optional<Submission> SqliteJobStore::earlier(const std::string& owner,
                                                  const IdempotencyKey& key) {
  if (key.key.empty()) return std::nullopt;
  Query row(db_, "SELECT body, job FROM idempotency WHERE owner = ? AND key = ?", owner, key.key);
  if (!row.next()) return std::nullopt;
  if (row.text(0) != key.body_hash) return Submission{.outcome = Submission::Outcome::kOtherBody};
  return Submission{.outcome = Submission::Outcome::kReplayed,
                    .job = find(row.text(1)).value_or(JobRecord{}),
                    .answer = row.text(1)};
}

std::optional<Submission> SqliteJobStore::refused(const std::string& owner,
                                                  const QueueLimits& limits) {
  if (active("") >= limits.total) return Submission{.outcome = Submission::Outcome::kQueueFull};
  if (limits.per_owner > 0 && active(owner) >= limits.per_owner) {
    return Submission{.outcome = Submission::Outcome::kOwnerFull};
  }
  return std::nullopt;
}

std::string SqliteJobStore::insert(const NewJob& job) {
  const std::string id = new_ulid();
  const std::int64_t now = clock_();
  db_.execute(
      "INSERT INTO job(id, owner, client, kind, state, priority, run_at, request, hash, model, "
      "count, sheet, cell, created) VALUES(?, ?, ?, ?, 'queued', ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      id, job.owner, job.client, job.kind, job.priority, now, job.request, job.hash, job.model,
      job.count, job.sheet, job.cell, now);
  return id;
}

Submission SqliteJobStore::submit(const NewJob& job, const IdempotencyKey& key,
                                  const QueueLimits& limits) {
  if (auto before = earlier(job.owner, key)) return *before;
  if (auto refusal = refused(job.owner, limits)) return *refusal;
  Savepoint both(db_);
  const std::string id = insert(job);
  if (!key.key.empty()) answer_with(id, job.owner, key);
  both.keep();
  return {.outcome = Submission::Outcome::kAccepted,
          .job = find(id).value_or(JobRecord{}),
          .answer = id};
}

Submission SqliteJobStore::answer_with(const std::string& id, const std::string& owner,
                                       const IdempotencyKey& key) {
  if (auto before = earlier(owner, key)) return *before;
  if (!key.key.empty()) {
    db_.execute("INSERT INTO idempotency(owner, key, body, job) VALUES(?, ?, ?, ?)", owner, key.key,
                key.body_hash, id);
  }
  return {.outcome = Submission::Outcome::kAccepted,
          .job = find(id).value_or(JobRecord{}),
          .answer = id};
}

std::optional<JobRecord> SqliteJobStore::claim(const std::string& worker) {
  const std::vector<std::string> order = queue();
  if (order.empty()) return std::nullopt;
  const std::optional<JobRecord> next = find(order.front());
  if (!next) return std::nullopt;
  const std::int64_t now = clock_();
  Savepoint both(db_);
  db_.execute(
      "UPDATE job SET state = 'running', attempt = attempt + 1, worker = ?, lease_until = ?, "
      "started = coalesce(started, ?), picture_ids = coalesce(picture_ids, ?) "
      "WHERE id = ? AND state = 'queued'",
      worker, now + kLeaseMs, now, new_picture_ids(next->count), next->id);
  db_.execute(
      "INSERT INTO turn(client, served) VALUES(?1, (SELECT coalesce(max(served), 0) + 1 FROM "
      "turn)) "
      "ON CONFLICT(client) DO UPDATE SET served = (SELECT max(served) + 1 FROM turn)",
      next->client);
  both.keep();
  return find(next->id);
}

std::vector<std::string> SqliteJobStore::heartbeat(const std::string& worker) {
  db_.execute("UPDATE job SET lease_until = ? WHERE state = 'running' AND worker = ?",
              clock_() + kLeaseMs, worker);
  std::vector<std::string> stopping;
  Query rows(db_, "SELECT id FROM job WHERE state = 'running' AND worker = ? AND cancel = 1",
             worker);
  while (rows.next()) stopping.push_back(rows.text(0));
  return stopping;
}

bool SqliteJobStore::progressed(const Lease& lease) {
  return db_.execute(
             "UPDATE job SET crashes = 0, losses = 0 WHERE id = ? AND attempt = ? AND state = "
             "'running'",
             lease.job, lease.attempt) > 0;
}

bool SqliteJobStore::end(const Lease& lease, JobState state, const std::string& error) {
  return db_.execute(
             "UPDATE job SET state = ?, error = ?, finished = ?, worker = NULL, lease_until = NULL "
             "WHERE id = ? AND attempt = ? AND state = 'running'",
             name_of(state), error, clock_(), lease.job, lease.attempt) > 0;
}

bool SqliteJobStore::finish(const Lease& lease) { return end(lease, JobState::kDone, ""); }
bool SqliteJobStore::fail(const Lease& lease, const std::string& error) {
  return end(lease, JobState::kFailed, error);
}
bool SqliteJobStore::cancelled(const Lease& lease) { return end(lease, JobState::kCancelled, ""); }

bool SqliteJobStore::retry_later(const Lease& lease, const std::string& error) {
  // 2^crashes seconds, give or take half, so that many that failed together do not meet again.
  const std::int64_t jitter = 500 + clock_() % 1000;
  return db_.execute(
             "UPDATE job SET crashes = crashes + 1, error = ?, worker = NULL, lease_until = NULL, "
             "state = iif(crashes + 1 >= ?, 'dead', 'queued'), "
             "finished = iif(crashes + 1 >= ?, ?, NULL), run_at = ? + (2 << crashes) * ? "
             "WHERE id = ? AND attempt = ? AND state = 'running'",
             error, kMaxCrashes, kMaxCrashes, clock_(), clock_(), jitter, lease.job,
             lease.attempt) > 0;
}

bool SqliteJobStore::give_back(const Lease& lease) {
  return db_.execute(
             "UPDATE job SET state = iif(cancel = 1, 'cancelled', 'queued'), worker = NULL, "
             "lease_until = NULL WHERE id = ? AND attempt = ? AND state = 'running'",
             lease.job, lease.attempt) > 0;
}

bool SqliteJobStore::add_note(const Lease& lease, const std::string& note) {
  return db_.execute(
             "UPDATE job SET notes = json_insert(notes, '$[#]', ?) "
             "WHERE id = ? AND attempt = ? AND state = 'running'",
             note, lease.job, lease.attempt) > 0;
}

std::optional<JobRecord> SqliteJobStore::cancel(const std::string& id) {
  db_.execute(
      "UPDATE job SET cancel = 1, finished = iif(state = 'queued', ?, finished), "
      "state = iif(state = 'queued', 'cancelled', state) "
      "WHERE id = ? AND state IN ('queued', 'running')",
      clock_(), id);
  return find(id);
}

bool SqliteJobStore::requeue(const std::string& id) {
  return db_.execute(
             "UPDATE job SET state = 'queued', cancel = 0, crashes = 0, losses = 0, error = '', "
             "run_at = ?, "
             "finished = NULL WHERE id = ? AND state IN ('cancelled', 'failed', 'dead')",
             clock_(), id) > 0;
}

int SqliteJobStore::lost(const std::string& which, const std::string& argument, Loss loss) {
  constexpr const char* kLost =
      R"({"type":"easel:crashed","title":"drawing was cut short","status":500,)"
      R"("detail":"the program that drew it ended again and again before a picture was done"})";
  const std::int64_t now = clock_();
  const int crash = loss == Loss::kCrash ? 1 : 0;
  // ?5 + crashes and ?6 + losses: what they are after this one.
  const std::string over = "(crashes + ?5 >= ?2 OR losses + ?6 >= ?7)";
  return static_cast<int>(db_.execute(
      "UPDATE job SET crashes = crashes + ?5, losses = losses + ?6, worker = NULL, "
      "lease_until = NULL, run_at = ?1, state = CASE WHEN cancel = 1 THEN 'cancelled' WHEN " +
          over + " THEN 'dead' ELSE 'queued' END, finished = CASE WHEN cancel = 1 OR " + over +
          " THEN ?1 END, error = iif(cancel = 0 AND " + over +
          ", ?3, '') WHERE state = 'running' AND " + which,
      now, kMaxCrashes, kLost, argument, crash, 1 - crash, kMaxLosses));
}

int SqliteJobStore::recover(const std::string& worker, Loss loss) {
  return lost("worker IS NOT ?4", worker, loss);
}

int SqliteJobStore::reap() {
  return lost("lease_until < CAST(?4 AS INTEGER)", std::to_string(clock_()), Loss::kCrash);
}

std::optional<JobRecord> SqliteJobStore::find(const std::string& id) {
  Query row(db_, select("WHERE id = ?"), id);
  if (!row.next()) return std::nullopt;
  return record_of(row);
}

std::vector<JobRecord> SqliteJobStore::list(const JobFilter& filter) {
  Json states = Json::array();
  for (const JobState state : filter.states) states.push_back(std::string(name_of(state)));
  std::vector<JobRecord> jobs;
  std::string where = "WHERE (?1 = '[]' OR state IN (SELECT value FROM json_each(?1))) ";
  where += "AND (?2 = '' OR id < ?2) ";
  where += filter.sheet.empty() ? "AND ?3 = '' " : "AND sheet = ?3 ";
  Query rows(db_, select(where + "ORDER BY id DESC LIMIT ?4"), states.dump(), filter.before,
             filter.sheet, filter.limit);
  while (rows.next()) jobs.push_back(record_of(rows));
  return jobs;
}

std::optional<JobRecord> SqliteJobStore::find_done(const std::string& hash) {
  Query row(db_,
            select("WHERE state = 'done' AND hash = ? AND count = (SELECT count(*) FROM picture "
                   "WHERE picture.job = job.id AND deleted IS NULL AND missing = 0) "
                   "ORDER BY id DESC LIMIT 1"),
            hash);
  if (!row.next()) return std::nullopt;
  return record_of(row);
}

std::vector<std::string> SqliteJobStore::queue() {
  std::map<std::string, std::int64_t> served;
  for (Query rows(db_, "SELECT client, served FROM turn"); rows.next();) {
    served[rows.text(0)] = rows.integer(1);
  }
  std::vector<Waiting> waiting;
  Query rows(db_,
             "SELECT id, client, priority FROM job WHERE state = 'queued' AND run_at <= ? "
             "ORDER BY priority DESC, id",
             clock_());
  while (rows.next()) {
    waiting.push_back({rows.text(0), rows.text(1), static_cast<int>(rows.integer(2))});
  }
  return in_turns(waiting, std::move(served));
}

int SqliteJobStore::active(const std::string& owner) {
  Query row(db_,
            "SELECT count(*) FROM job WHERE state IN ('queued', 'running') "
            "AND (?1 = '' OR owner = ?1)",
            owner);
  row.next();
  return static_cast<int>(row.integer(0));
}

}  // namespace easel
