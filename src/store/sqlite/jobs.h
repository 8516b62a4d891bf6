#pragma once

#include "store/clock.h"
#include "store/sqlite/database.h"
#include "store/tables.h"

namespace easel {

class SqliteJobs : public JobTable {
 public:
  /// Both must outlive it.
  SqliteJobs(Database& database, const StoreClock& clock) : db_(database), clock_(clock) {}

  std::optional<JobRecord> find(const std::string& id) const override;
  std::vector<JobRecord> list(const JobFilter& filter) const override;
  std::optional<JobRecord> find_done(const std::string& hash) const override;
  int place(const std::string& id) const override;
  std::vector<std::string> line(int limit) const override;
  int active(const std::string& owner) const override;
  OwnerUse use_of(const std::string& owner, const QueueLimits& limits) const override;
  bool paused(const std::string& owner) const override;
  std::vector<JobRecord> begun() const override;
  std::set<std::string> given() const override;

  Submission submit(const NewJob& job, const IdempotencyKey& key,
                    const QueueLimits& limits) override;
  Submission answer_with(const std::string& id, const std::string& owner,
                         const IdempotencyKey& key) override;
  std::optional<JobRecord> claim(const std::string& worker) override;
  std::optional<JobRecord> claim_least(const std::string& worker) override;
  bool move(const std::string& id, const std::string& before) override;
  void set_paused(const std::string& owner, bool paused) override;
  Beat heartbeat(const std::string& worker, std::span<const Lease> held) override;
  int reap(const std::set<std::string>& living) override;
  bool progressed(const Lease& lease) override;
  bool settle(const Lease& lease, Ending ending, const std::string& error) override;
  bool add_note(const Lease& lease, const std::string& note) override;
  std::optional<JobRecord> cancel(const std::string& id) override;
  bool requeue(const std::string& id) override;
  int recover(Loss loss) override;

 private:
  std::optional<Submission> answered_before(const std::string& owner, const IdempotencyKey& key);
  std::optional<Submission> refuse_if_full(const NewJob& wanted, const OwnerUse& use,
                                           const QueueLimits& limits) const;
  std::int64_t wait_for_hour(const NewJob& wanted, const OwnerUse& use, int hourly) const;
  std::optional<JobRecord> take(const std::string& id, const std::string& worker);
  std::vector<std::string> reused(const std::vector<std::string>& hashes, bool listed);
  void take_over_drawn(JobRecord& job);
  std::int64_t next_rank(const std::string& client, int priority) const;
  bool end(const Lease& lease, JobState state, const std::string& error);
  bool retry_later(const Lease& lease, const std::string& error);
  bool give_back(const Lease& lease);
  int queue_lost(Loss loss, const std::string& which, const std::string& argument);

  Database& db_;
  const StoreClock& clock_;
};

}  // namespace easel
