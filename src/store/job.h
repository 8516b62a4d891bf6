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

/// The priority of jobs that are drawn while nothing else waits.
constexpr int kRelaxed = -2;

/// Milliseconds that a job is thought to take before anything was measured.
constexpr std::int64_t kUsualCost = 10'000;

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
  std::vector<std::string> hashes = {};  ///< of each picture alone; none: they are found by nobody
  bool reuse = false;  ///< pictures of these hashes that the gallery has are not made again
  bool listed = true;  ///< whether its pictures are in the gallery's lists
  std::optional<std::string> sheet = {};
  std::optional<int> cell = {};
  std::int64_t cost = kUsualCost;  ///< milliseconds it is thought to take; above 0
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
  /// One a picture: once claimed, or from the beginning where the gallery had some of them.
  std::vector<std::string> picture_ids;
  std::vector<std::string> hashes;  ///< as NewJob's
  bool reuse = false;
  bool listed = true;
  std::int64_t attempt = 0;
  bool cancel = false;       ///< asked to stop
  std::string error;         ///< JSON, or empty
  std::string notes = "[]";  ///< JSON list
  std::optional<std::string> sheet;
  std::optional<int> cell;
  std::int64_t cost = kUsualCost;
  std::int64_t rank = 0;     ///< place among those of its priority (turns.h)
  std::int64_t created = 0;  ///< ms since 1970, as all times
  std::optional<std::int64_t> started;
  std::optional<std::int64_t> finished;
};

/// A request seen before under the same key is the same job.
struct IdempotencyKey {
  std::string key;        ///< empty: none
  std::string body_hash;  ///< of the request as it was sent
};

/// How much may wait; of an owner's, what is not said has no limit.
struct QueueLimits {
  int total = 1000;                          ///< jobs of all
  int per_owner = 0;                         ///< jobs of an owner; 0: no limit
  std::optional<int> pictures = {};          ///< of an owner's jobs that wait or run
  std::optional<int> hourly = {};            ///< pictures of an owner's jobs of the last hour
  std::optional<std::int64_t> fast_ms = {};  ///< of an owner's drawing in a month; beyond: kRelaxed
};

/// What an owner has asked for, as far as QueueLimits look at it.
struct OwnerUse {
  int jobs = 0;              ///< that wait or run
  int pictures = 0;          ///< of these
  int hour = 0;              ///< pictures of the last hour's jobs, but for those that drew nothing
  std::int64_t fast_ms = 0;  ///< drawn this month, or thought to be, but for relaxed jobs
};

struct Submission {
  enum class Outcome {
    kAccepted,
    kReplayed,   ///< the key was used before with this body: `jobs` are those of then
    kOtherBody,  ///< the key was used before with another body
    kQueueFull,
    kOwnerFull,      ///< in jobs
    kOwnerPictures,  ///< in pictures that wait or run
    kOwnerHour,      ///< in pictures within an hour
  };
  Outcome outcome = Outcome::kAccepted;
  JobRecord job = {};
  /// What the key was answered with: the job's id, or what answer_with() was given.
  std::string answer = {};
  /// Milliseconds until the owner's hour has room; 0 where it never has.
  std::int64_t wait = 0;
};

/// A claim on a job that only this attempt of this worker may act on.
struct Lease {
  std::string job;
  std::int64_t attempt = 0;
  std::string worker;

  bool operator==(const Lease&) const = default;
};

/// What a worker learns by its heartbeat.
struct Beat {
  std::vector<Lease> lost;             ///< held, but not the worker's any more: it stops at once
  std::vector<Lease> unknown;          ///< the worker's, but not held: it gives them back
  std::vector<std::string> cancelled;  ///< jobs of its own that were asked to stop
};

/// What became of an attempt.
enum class Ending {
  kDone,
  kFailed,      ///< trouble that would come again
  kRetryLater,  ///< trouble that may pass: queued again after 2^crashes s, or dead
  kGivenBack,   ///< unharmed: queued again at once
  kCancelled,   ///< stopped as asked
};

struct JobFilter {
  std::vector<JobState> states;  ///< empty: all
  std::string sheet;             ///< empty: any
  std::string before;            ///< ids below; empty: from the newest
  int limit = 20;
};

}  // namespace easel
