#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace easel {

/// queued -> running -> done | failed | cancelled | dead; running -> queued when its worker is
/// lost, gives it back, or meets trouble that may pass. dead: several attempts in a row brought
/// nothing.
enum class JobState { kQueued, kRunning, kDone, kFailed, kCancelled, kDead };

std::string_view name_of(JobState state);
/// Nothing for a word that is no state.
std::optional<JobState> job_state_named(std::string_view name);
/// Whether a job in this state stays in it.
bool is_final(JobState state);

/// Attempts in a row without a new picture before a job is dead: failed ones and crashes; and those
/// that ended because the worker was killed from outside, which is hardly the job's doing.
constexpr int kMaxCrashes = 3;
constexpr int kMaxLosses = 20;

/// How a worker was lost.
enum class Loss { kCrash, kKilled };
/// How long a worker may be silent.
constexpr std::int64_t kLeaseMs = 30'000;

/// What is asked of the store on submitting. Times are the store's own.
struct NewJob {
  std::string owner;    ///< whose idempotency keys and limits: a token's name, or "local"
  std::string client;   ///< who takes turns with others
  std::string kind;     ///< "draw" or "upscale"
  int priority = 0;     ///< the higher first; 0 for what a person waits for
  std::string request;  ///< JSON, complete
  std::string hash;     ///< equal for jobs whose pictures are equal
  std::string model;
  int count = 1;
  std::optional<std::string> sheet = {};
  std::optional<int> cell = {};
};

struct JobRecord {
  std::string id;
  std::string owner;
  std::string client;
  std::string kind;
  JobState state = JobState::kQueued;
  int priority = 0;
  std::string request;
  std::string hash;
  std::string model;
  int count = 0;
  std::vector<std::string> picture_ids;  ///< one a picture, once claimed
  std::int64_t attempt = 0;
  bool cancel = false;  ///< asked to stop
  std::string error;    ///< JSON, or empty
  std::string notes;    ///< JSON list
  std::optional<std::string> sheet;
  std::optional<int> cell;
  std::int64_t created = 0;  ///< ms since 1970, as all times
  std::optional<std::int64_t> started;
  std::optional<std::int64_t> finished;
};

/// A request seen before under the same key is the same job.
struct IdempotencyKey {
  std::string key;        ///< empty: none
  std::string body_hash;  ///< of the request as it was sent
};

struct QueueLimits {
  int total = 1000;
  int per_owner = 0;  ///< 0: no limit
};

struct Submission {
  enum class Outcome {
    kAccepted,
    kReplayed,   ///< the key was used before with this body: `jobs` are those of then
    kOtherBody,  ///< the key was used before with another body
    kQueueFull,
    kOwnerFull,
  };
  Outcome outcome = Outcome::kAccepted;
  JobRecord job = {};
  /// What the key was answered with: the job's id, or what answer_with() was given.
  std::string answer = {};
};

/// A claim on a job that only its attempt may act on.
struct Lease {
  std::string job;
  std::int64_t attempt = 0;
};

struct JobFilter {
  std::vector<JobState> states;  ///< empty: all
  std::string sheet;             ///< empty: any
  std::string before;            ///< ids below; empty: from the newest
  int limit = 20;
};

/// The durable record of jobs. SQLite on one machine; another database can carry the same states.
/// Calls that take a lease change nothing and return false when the job is not running under that
/// attempt any more: the worker then drops what it made. A call that returned has reached the
/// disk, or will with the transaction it is part of. All throw kNoSpace, kIo.
///
/// Thread rule: one call at a time.
class JobStore {
 public:
  virtual ~JobStore() = default;

  virtual Submission submit(const NewJob& job, const IdempotencyKey& key,
                            const QueueLimits& limits) = 0;
  /// Records that `key` was answered with something that exists: a job, or a sheet.
  virtual Submission answer_with(const std::string& id, const std::string& owner,
                                 const IdempotencyKey& key) = 0;
  /// The next job, by priority, then by turns among clients, then by age; its ids for pictures are
  /// chosen the first time.
  virtual std::optional<JobRecord> claim(const std::string& worker) = 0;
  /// Prolongs all leases of a worker; returns those of its jobs that were asked to stop.
  virtual std::vector<std::string> heartbeat(const std::string& worker) = 0;
  /// A new picture of the job was kept: its earlier crashes no longer count.
  virtual bool progressed(const Lease& lease) = 0;
  virtual bool finish(const Lease& lease) = 0;
  /// Trouble that would come again. `error` is JSON.
  virtual bool fail(const Lease& lease, const std::string& error) = 0;
  /// Trouble that may pass: queued again after 2^crashes s, or dead.
  virtual bool retry_later(const Lease& lease, const std::string& error) = 0;
  /// Given back unharmed: queued again at once.
  virtual bool give_back(const Lease& lease) = 0;
  virtual bool add_note(const Lease& lease, const std::string& note) = 0;
  /// Queued: cancelled at once. Running: asked to stop. Ended: as it is. Nothing when unknown.
  virtual std::optional<JobRecord> cancel(const std::string& id) = 0;
  /// The worker stopped as asked.
  virtual bool cancelled(const Lease& lease) = 0;
  /// A cancelled, failed or dead job is queued once more. False when it is none of these.
  virtual bool requeue(const std::string& id) = 0;
  /// Running jobs of other workers than this are queued again, or dead. For the start, when no
  /// other worker can be. Returns how many.
  virtual int recover(const std::string& worker, Loss loss) = 0;
  /// The same for jobs whose lease ran out.
  virtual int reap() = 0;

  virtual std::optional<JobRecord> find(const std::string& id) = 0;
  virtual std::vector<JobRecord> list(const JobFilter& filter) = 0;  ///< newest first
  /// A job that is done, all of whose pictures are in the gallery.
  virtual std::optional<JobRecord> find_done(const std::string& hash) = 0;
  /// Ids of queued jobs in the order in which they will be claimed.
  virtual std::vector<std::string> queue() = 0;
  /// Queued and running jobs, of one owner or of all ("").
  virtual int active(const std::string& owner) = 0;
};

}  // namespace easel
