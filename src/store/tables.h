#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "store/job.h"
#include "store/picture.h"
#include "store/sheet.h"
#include "store/timing.h"

namespace easel {

/// The jobs. The state machine of JobState, in one place for each database.
///
/// Calls that take a lease change nothing and return false when the job is not running under that
/// attempt and worker any more: the worker then drops what it made. All calls throw kNoSpace, kIo.
class JobTable {
 public:
  virtual ~JobTable() = default;

  virtual std::optional<JobRecord> find(const std::string& id) const = 0;
  virtual std::vector<JobRecord> list(const JobFilter& filter) const = 0;  ///< newest first
  /// A job that is done, all of whose pictures are in the gallery.
  virtual std::optional<JobRecord> find_done(const std::string& hash) const = 0;
  /// How many will be claimed before it, at most kMostPlaces. 0 for a job that is not queued. What
  /// is passed over is not counted.
  virtual int place(const std::string& id) const = 0;
  /// The first ids of the line, in the order in which they will be claimed.
  virtual std::vector<std::string> line(int limit) const = 0;
  /// Queued and running jobs, of one owner or of all ("").
  virtual int active(const std::string& owner) const = 0;
  /// What those of `limits` that there are look at; the rest is 0.
  virtual OwnerUse use_of(const std::string& owner, const QueueLimits& limits) const = 0;
  /// Whether an owner's waiting jobs are passed over.
  virtual bool paused(const std::string& owner) const = 0;
  /// Jobs that wait or run and whose pictures have ids: what a picture that is found may be of.
  virtual std::vector<JobRecord> begun() const = 0;
  /// SHA-256 of the pictures, and of their masks, that jobs which may still be drawn begin at.
  virtual std::set<std::string> given() const = 0;

  /// A job all of whose pictures are there already is done at once, and takes no place in the
  /// queue.
  virtual Submission submit(const NewJob& job, const IdempotencyKey& key,
                            const QueueLimits& limits) = 0;
  /// Records that `key` was answered with something that exists: a job, or a sheet.
  virtual Submission answer_with(const std::string& id, const std::string& owner,
                                 const IdempotencyKey& key) = 0;
  /// The next job: by priority, then by rank (turns.h), then by age; its ids for pictures are
  /// chosen the first time, and where it may reuse pictures that were made meanwhile, those' ids.
  virtual std::optional<JobRecord> claim(const std::string& worker) = 0;
  /// The same from the other end of the priorities: of the least one that waits, the first.
  virtual std::optional<JobRecord> claim_least(const std::string& worker) = 0;
  /// Puts a waiting job before another one of its owner and priority, or behind all of these ("").
  /// They change places among themselves: nobody else's job is overtaken. False, and nothing is
  /// changed, unless both are such jobs.
  virtual bool move(const std::string& id, const std::string& before) = 0;
  /// From now on an owner's jobs stay where they are in the line, and are passed over; or no
  /// longer.
  virtual void set_paused(const std::string& owner, bool paused) = 0;
  /// Prolongs all leases of a worker, also one that had run out: it lives.
  virtual Beat heartbeat(const std::string& worker, std::span<const Lease> held) = 0;
  /// Jobs whose lease ran out are queued again, or dead; but never those of `living` workers, which
  /// are of this process: that their heartbeats are late means that the machine slept. Returns how
  /// many.
  virtual int reap(const std::set<std::string>& living) = 0;
  /// A new picture of the job was kept: its earlier crashes no longer count.
  virtual bool progressed(const Lease& lease) = 0;
  /// `error` is JSON, for kFailed and kRetryLater.
  virtual bool settle(const Lease& lease, Ending ending, const std::string& error) = 0;
  virtual bool add_note(const Lease& lease, const std::string& note) = 0;
  /// Queued: cancelled at once. Running: asked to stop. Ended: as it is. Nothing when unknown.
  virtual std::optional<JobRecord> cancel(const std::string& id) = 0;
  /// A cancelled, failed or dead job joins the line once more. False when it is none of these.
  virtual bool requeue(const std::string& id) = 0;
  /// For the start of the one process that uses the store: every running job is queued again, or
  /// dead. A store that several processes share does nothing here. Returns how many.
  virtual int recover(Loss loss) = 0;
};

/// The pictures of the gallery. Calls throw kNoSpace, kIo.
class PictureTable {
 public:
  virtual ~PictureTable() = default;

  virtual std::optional<PictureRecord> find(const std::string& id) const = 0;
  /// Newest first.
  virtual std::vector<PictureRecord> list(const PictureFilter& filter) const = 0;
  /// By index: those that the job made and those that it found, which are told with the index that
  /// they have in this job.
  virtual std::vector<PictureRecord> of_job(const std::string& job) const = 0;
  /// The newest picture of a hash that is there and not deleted.
  virtual std::optional<std::string> find_drawn(const std::string& hash) const = 0;
  virtual GalleryFacets facets() const = 0;
  /// Those that are listed and not deleted.
  virtual std::int64_t count() const = 0;
  /// Those deleted before a time.
  virtual std::vector<std::string> deleted_before(std::int64_t when, int limit) const = 0;
  /// SHA-256 of the pictures, and of their masks, that any of them began at.
  virtual std::set<std::string> given() const = 0;
  /// Every id and whether it is flagged missing, for repairs.
  virtual std::vector<std::pair<std::string, bool>> all_ids() const = 0;

  /// Adds a picture; false, and nothing is added, when its id, or its place in its job, is taken.
  virtual bool add(const PictureRecord& picture) = 0;
  virtual bool set_favourite(const std::string& id, bool favourite) = 0;
  virtual bool set_rating(const std::string& id, int rating) = 0;
  virtual bool set_tags(const std::string& id, const std::vector<std::string>& tags) = 0;
  virtual bool set_deleted(const std::string& id, std::optional<std::int64_t> when) = 0;
  virtual bool set_missing(const std::string& id, bool missing) = 0;
  /// Forgets a picture. Its files must be gone already, or they would be adopted again.
  virtual bool purge(const std::string& id) = 0;
};

/// Calls throw kNoSpace, kIo.
class SheetTable {
 public:
  virtual ~SheetTable() = default;

  virtual std::optional<SheetRecord> find(const std::string& id) const = 0;
  virtual std::vector<SheetRecord> newest(int limit) const = 0;
  /// Ids of the sheet's jobs in a state.
  virtual std::vector<std::string> jobs(const std::string& sheet, JobState state) const = 0;

  virtual void add(const SheetRecord& sheet) = 0;
  virtual bool remove(const std::string& id) = 0;
};

/// Calls throw kNoSpace, kIo.
class TimingTable {
 public:
  virtual ~TimingTable() = default;

  virtual std::vector<TimingRecord> all() const = 0;
  virtual void put(const TimingRecord& timing) = 0;
};

}  // namespace easel
