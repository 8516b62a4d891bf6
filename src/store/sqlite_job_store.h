#pragma once

#include <functional>

#include "store/job_store.h"
#include "store/sqlite.h"

namespace easel {

/// JobStore in an SQLite file of schema.h. With a read-only database only the const-like calls
/// (find, list, find_done, queue, active) work.
class SqliteJobStore : public JobStore {
 public:
  using Clock = std::function<std::int64_t()>;  ///< ms since 1970

  /// The database must outlive it.
  explicit SqliteJobStore(Database& database);
  SqliteJobStore(Database& database, Clock clock);

  Submission submit(const NewJob& job, const IdempotencyKey& key,
                    const QueueLimits& limits) override;
  Submission answer_with(const std::string& id, const std::string& owner,
                         const IdempotencyKey& key) override;
  std::optional<JobRecord> claim(const std::string& worker) override;
  std::vector<std::string> heartbeat(const std::string& worker) override;
  bool progressed(const Lease& lease) override;
  bool finish(const Lease& lease) override;
  bool fail(const Lease& lease, const std::string& error) override;
  bool retry_later(const Lease& lease, const std::string& error) override;
  bool give_back(const Lease& lease) override;
  bool add_note(const Lease& lease, const std::string& note) override;
  std::optional<JobRecord> cancel(const std::string& id) override;
  bool cancelled(const Lease& lease) override;
  bool requeue(const std::string& id) override;
  int recover(const std::string& worker, Loss loss) override;
  int reap() override;

  std::optional<JobRecord> find(const std::string& id) override;
  std::vector<JobRecord> list(const JobFilter& filter) override;
  std::optional<JobRecord> find_done(const std::string& hash) override;
  std::vector<std::string> queue() override;
  int active(const std::string& owner) override;

 private:
  std::optional<Submission> earlier(const std::string& owner, const IdempotencyKey& key);
  std::optional<Submission> refused(const std::string& owner, const QueueLimits& limits);
  std::string insert(const NewJob& job);
  bool end(const Lease& lease, JobState state, const std::string& error);
  int lost(const std::string& which, const std::string& argument, Loss loss);

  Database& db_;
  Clock clock_;
};

}  // namespace easel
