#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "store/job.h"
#include "store/sqlite/columns.h"

namespace easel {

inline void read_field(const Query& row, int at, JobState& field) {
  field = job_state_named(row.text(at)).value_or(JobState::kDead);
}
inline void bind_field(Query& query, int at, JobState field) { query.bind(at, name_of(field)); }

struct JobColumns {
  using Record = JobRecord;
  template <typename R, typename Visit>
  static void visit(R& job, Visit&& column) {
    column("id", job.id);
    column("owner", job.owner);
    column("client", job.client);
    column("kind", job.kind);
    column("state", job.state);
    column("priority", job.priority);
    column("request", job.request);
    column("hash", job.hash);
    column("model", job.model);
    column("count", job.count);
    column("picture_ids", job.picture_ids);
    column("hashes", job.hashes);
    column("reuse", job.reuse);
    column("listed", job.listed);
    column("attempt", job.attempt);
    column("cancel", job.cancel);
    column("error", job.error);
    column("notes", job.notes);
    column("sheet", job.sheet);
    column("cell", job.cell);
    column("cost", job.cost);
    column("rank", job.rank);
    column("created", job.created);
    column("started", job.started);
    column("finished", job.finished);
  }
};

/// "SELECT (the columns) FROM job", and what follows.
inline std::string select_jobs(std::string_view rest) {
  return "SELECT " + names_of<JobColumns>() + " FROM job " + std::string(rest);
}

}  // namespace easel
