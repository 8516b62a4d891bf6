#include "store/worker_store.h"

#include "store/ulid.h"

namespace easel {
namespace {

constexpr int kBackwardsEvery = 8;

// What becomes of a picture whose worker lost its lease.
Published without_lease(const Transaction& all, const PictureRecord& picture, const Lease& lease) {
  if (all.pictures().find(picture.id)) return Published::kLost;
  const std::optional<JobRecord> job = all.jobs().find(lease.job);
  return job && job->state == JobState::kRunning ? Published::kLost : Published::kUnwanted;
}

}  // namespace

std::string LocalWorkerStore::join() {
  const std::string name = new_ulid();
  const std::lock_guard lock(mutex_);
  living_.insert(name);
  return name;
}

void LocalWorkerStore::leave(const std::string& worker) noexcept {
  const std::lock_guard lock(mutex_);
  living_.erase(worker);
}

std::set<std::string> LocalWorkerStore::living() const {
  const std::lock_guard lock(mutex_);
  return living_;
}

std::optional<JobRecord> LocalWorkerStore::claim(const std::string& worker) {
  const bool backwards = claims_ % kBackwardsEvery == kBackwardsEvery - 1;
  auto job = records_.write_now([&](Transaction& all) {
    return backwards ? all.jobs().claim_least(worker) : all.jobs().claim(worker);
  });
  if (job) ++claims_;
  return job;
}

Beat LocalWorkerStore::heartbeat(const std::string& worker, std::span<const Lease> held) {
  return records_.write_now([&](Transaction& all) {
    Beat beat = all.jobs().heartbeat(worker, held);
    all.jobs().reap(living());
    return beat;
  });
}

Published LocalWorkerStore::publish(const Lease& lease, const PictureRecord& picture) {
  return records_.write_now([&](Transaction& all) {
    if (!all.jobs().progressed(lease)) return without_lease(all, picture, lease);
    return all.pictures().add(picture) ? Published::kAdded : Published::kThereAlready;
  });
}

bool LocalWorkerStore::settle(const Lease& lease, Ending ending, const std::string& error) {
  return records_.write_now(
      [&](Transaction& all) { return all.jobs().settle(lease, ending, error); });
}

bool LocalWorkerStore::add_note(const Lease& lease, const std::string& note) {
  return records_.write_now([&](Transaction& all) { return all.jobs().add_note(lease, note); });
}

std::vector<PictureRecord> LocalWorkerStore::pictures_of(const std::string& job) {
  return records_.read_now([&](const Transaction& all) { return all.pictures().of_job(job); });
}

std::optional<PictureRecord> LocalWorkerStore::picture(const std::string& id) {
  return records_.read_now([&](const Transaction& all) { return all.pictures().find(id); });
}

}  // namespace easel
