#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "store/records.h"

namespace easel {

enum class Published {
  kAdded,
  kThereAlready,  ///< the job has a picture of this index
  /// The lease is not the worker's any more. The picture's file stays: it is in the gallery, or
  /// another worker is at the job and saves under the same name.
  kLost,
  /// Nor is anyone else at the job: the picture's file is nobody's.
  kUnwanted,
};

/// All that a worker needs of the store, so that it can be where no database is reached. One call,
/// one transaction; each may be called again under its lease when its answer was lost. Calls wait,
/// and throw kNoSpace, kIo.
///
/// Thread rule: any thread.
class WorkerStore {
 public:
  virtual ~WorkerStore() = default;

  /// The name of a worker that starts, new each time.
  virtual std::string join() = 0;
  /// It has ended; what it still held is lost to it.
  virtual void leave(const std::string& worker) noexcept = 0;
  /// The next job; every eighth from the other end of the priorities, so that nothing waits for
  /// ever.
  virtual std::optional<JobRecord> claim(const std::string& worker) = 0;
  /// To be called every kLeaseMs / 3 at least, with everything that the worker is at.
  virtual Beat heartbeat(const std::string& worker, std::span<const Lease> held) = 0;
  /// Adds a picture whose file is there, as one of its job.
  virtual Published publish(const Lease& lease, const PictureRecord& picture) = 0;
  /// False: the lease was lost. `error` is JSON, where the ending is trouble.
  virtual bool settle(const Lease& lease, Ending ending, const std::string& error) = 0;
  virtual bool add_note(const Lease& lease, const std::string& note) = 0;

  virtual std::vector<PictureRecord> pictures_of(const std::string& job) = 0;
  virtual std::optional<PictureRecord> picture(const std::string& id) = 0;
};

/// For workers of the process that has the records. They never lose a lease to this process while
/// they live, however long it slept.
class LocalWorkerStore : public WorkerStore {
 public:
  /// The records must outlive it.
  explicit LocalWorkerStore(Records& records) : records_(records) {}

  std::string join() override;
  void leave(const std::string& worker) noexcept override;
  std::optional<JobRecord> claim(const std::string& worker) override;
  /// Reaps what other processes' workers lost, in the same transaction.
  Beat heartbeat(const std::string& worker, std::span<const Lease> held) override;
  Published publish(const Lease& lease, const PictureRecord& picture) override;
  bool settle(const Lease& lease, Ending ending, const std::string& error) override;
  bool add_note(const Lease& lease, const std::string& note) override;
  std::vector<PictureRecord> pictures_of(const std::string& job) override;
  std::optional<PictureRecord> picture(const std::string& id) override;

 private:
  std::set<std::string> living() const;

  Records& records_;
  std::atomic<int> claims_{0};  // that brought a job
  mutable std::mutex mutex_;
  std::set<std::string> living_;  // under mutex_
};

}  // namespace easel
