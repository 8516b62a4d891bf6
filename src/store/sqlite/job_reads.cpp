#include <algorithm>

#include "store/sqlite/given_hashes.h"
#include "store/sqlite/job_columns.h"
#include "store/sqlite/jobs.h"
#include "store/turns.h"

namespace easel {

std::optional<JobRecord> SqliteJobs::find(const std::string& id) const {
  Query row(db_, select_jobs("WHERE id = ?"), id);
  return read_one<JobColumns>(row);
}

std::vector<JobRecord> SqliteJobs::list(const JobFilter& filter) const {
  Json states = Json::array();
  for (const JobState state : filter.states) states.push_back(std::string(name_of(state)));
  std::string where = "WHERE (?1 = '[]' OR state IN (SELECT value FROM json_each(?1))) ";
  where += "AND (?2 = '' OR id < ?2) ";
  where += filter.sheet.empty() ? "AND ?3 = '' " : "AND sheet = ?3 ";
  Query rows(db_, select_jobs(where + "ORDER BY id DESC LIMIT ?4"), states.dump(), filter.before,
             filter.sheet, filter.limit);
  return read_rows<JobColumns>(rows);
}

std::optional<JobRecord> SqliteJobs::find_done(const std::string& hash) const {
  Query row(
      db_,
      select_jobs("WHERE state = 'done' AND hash = ? AND count = (SELECT count(*) FROM picture "
                  "WHERE picture.job = job.id AND deleted IS NULL AND missing = 0) "
                  "ORDER BY id DESC LIMIT 1"),
      hash);
  return read_one<JobColumns>(row);
}

std::vector<std::string> SqliteJobs::line(int limit) const {
  std::vector<std::string> ids;
  Query rows(db_,
             "SELECT id FROM job WHERE state = 'queued' AND run_at <= ? "
             "AND owner NOT IN (SELECT owner FROM paused) "
             "ORDER BY priority DESC, rank, id LIMIT ?",
             clock_.steady(), limit);
  while (rows.next()) ids.push_back(rows.text(0));
  return ids;
}

int SqliteJobs::place(const std::string& id) const {
  const std::optional<JobRecord> job = find(id);
  if (!job || job->state != JobState::kQueued) return 0;
  const std::int64_t now = clock_.steady();
  int before = 0;
  Query row(db_,
            "SELECT (SELECT count(*) FROM (SELECT 1 FROM job WHERE state = 'queued' "
            "AND priority > ?1 AND run_at <= ?4 "
            "AND owner NOT IN (SELECT owner FROM paused) LIMIT ?5)) + "
            "(SELECT count(*) FROM (SELECT 1 FROM job WHERE state = 'queued' "
            "AND priority = ?1 AND (rank, id) < (?2, ?3) AND run_at <= ?4 "
            "AND owner NOT IN (SELECT owner FROM paused) LIMIT ?5))",
            job->priority, job->rank, id, now, kMostPlaces);
  if (row.next()) before = static_cast<int>(row.integer(0));
  return std::min(before, kMostPlaces);
}

int SqliteJobs::active(const std::string& owner) const {
  Query row(db_,
            "SELECT count(*) FROM job WHERE state IN ('queued', 'running') "
            "AND (?1 = '' OR owner = ?1)",
            owner);
  row.next();
  return static_cast<int>(row.integer(0));
}

std::vector<JobRecord> SqliteJobs::begun() const {
  Query rows(db_, select_jobs("WHERE state IN ('queued', 'running') AND picture_ids IS NOT NULL "
                              "ORDER BY id"));
  return read_rows<JobColumns>(rows);
}

std::set<std::string> SqliteJobs::given() const {
  // The cells of a sheet are drawn on later, however they ended before.
  return given_hashes(db_, "request",
                      "job WHERE state IN ('queued', 'running') OR (sheet IS NOT NULL AND "
                      "state IN ('cancelled', 'failed', 'dead'))");
}

}  // namespace easel
