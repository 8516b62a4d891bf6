#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "store/records.h"
#include "store/ulid.h"
#include "support.h"

namespace easel {

/// Records under test, with a time that stands still until a test moves it.
class OpenStore {
 public:
  virtual ~OpenStore() = default;
  virtual Records& records() = 0;
  /// Time goes by.
  virtual void advance(std::int64_t ms) = 0;
  /// Somebody sets this computer's clock; no time goes by.
  virtual void set_clock(std::int64_t ms_ahead) = 0;
};

/// A database that the suite is run over. Each has a file here that instantiates the suite; a new
/// one adds its file and changes no other.
struct Implementation {
  std::string name;
  /// Opens what is in the folder, or makes it.
  std::function<std::unique_ptr<OpenStore>(const std::filesystem::path&)> open;
};

/// What any Records must do.
class Conformance : public ::testing::TestWithParam<Implementation> {
 protected:
  TemporaryFolder folder;
  std::unique_ptr<OpenStore> store = GetParam().open(folder.path());
  Records& records = store->records();

  static NewJob job(const std::string& client = "c", int count = 1) {
    return {.owner = "o",
            .client = client,
            .kind = "draw",
            .priority = 0,
            .request = "{}",
            .hash = "h",
            .model = "m",
            .count = count,
            .cost = 1};
  }
  static NewJob of(const std::string& owner, int count = 1) {
    NewJob wanted = job(owner, count);
    wanted.owner = owner;
    return wanted;
  }
  /// One that takes pictures of these hashes from the gallery where it has them.
  static NewJob wanting(const std::vector<std::string>& hashes) {
    NewJob wanted = job("c", static_cast<int>(hashes.size()));
    wanted.hashes = hashes;
    wanted.reuse = true;
    return wanted;
  }
  Submission submit(const NewJob& wanted, const IdempotencyKey& key, const QueueLimits& limits) {
    return records.write_now([&](Transaction& t) { return t.jobs().submit(wanted, key, limits); });
  }
  std::string submit(const NewJob& wanted) {
    const Submission submission = submit(wanted, {}, {});
    EXPECT_EQ(submission.outcome, Submission::Outcome::kAccepted);
    return submission.job.id;
  }
  std::optional<JobRecord> claimed(const std::string& worker = "w") {
    return records.write_now([&](Transaction& t) { return t.jobs().claim(worker); });
  }
  Lease claim(const std::string& worker = "w") {
    const auto job = claimed(worker);
    EXPECT_TRUE(job.has_value());
    return job ? Lease{job->id, job->attempt, worker} : Lease{};
  }
  bool settle(const Lease& lease, Ending ending, const std::string& error = "") {
    return records.write_now([&](Transaction& t) { return t.jobs().settle(lease, ending, error); });
  }
  Beat beat(const std::vector<Lease>& held, const std::string& worker = "w") {
    return records.write_now([&](Transaction& t) { return t.jobs().heartbeat(worker, held); });
  }
  int reap(const std::set<std::string>& living = {}) {
    return records.write_now([&](Transaction& t) { return t.jobs().reap(living); });
  }
  std::optional<JobRecord> cancel(const std::string& id) {
    return records.write_now([&](Transaction& t) { return t.jobs().cancel(id); });
  }
  bool requeue(const std::string& id) {
    return records.write_now([&](Transaction& t) { return t.jobs().requeue(id); });
  }
  bool move(const std::string& id, const std::string& before) {
    return records.write_now([&](Transaction& t) { return t.jobs().move(id, before); });
  }
  void pause(const std::string& owner, bool paused) {
    records.write_now([&](Transaction& t) { t.jobs().set_paused(owner, paused); });
  }
  OwnerUse use(const std::string& owner) {
    const QueueLimits all{.pictures = 0, .hourly = 0, .fast_ms = 0};
    return records.read_now([&](const Transaction& t) { return t.jobs().use_of(owner, all); });
  }
  /// The next job, in so long.
  void draw(std::int64_t ms) {
    const Lease lease = claim();
    store->advance(ms);
    settle(lease, Ending::kDone);
  }
  std::optional<JobRecord> find(const std::string& id) {
    return records.read_now([&](const Transaction& t) { return t.jobs().find(id); });
  }
  JobState state(const std::string& id) { return find(id).value().state; }
  std::vector<std::string> line(int limit = 1000) {
    return records.read_now([&](const Transaction& t) { return t.jobs().line(limit); });
  }
  int place(const std::string& id) {
    return records.read_now([&](const Transaction& t) { return t.jobs().place(id); });
  }
  bool add(const PictureRecord& picture) {
    return records.write_now([&](Transaction& t) { return t.pictures().add(picture); });
  }
  std::optional<PictureRecord> picture(const std::string& id) {
    return records.read_now([&](const Transaction& t) { return t.pictures().find(id); });
  }
  std::string put(const std::string& prompt, PictureRecord record = {}) {
    record.id = new_ulid();
    record.recipe.prompt = prompt;
    EXPECT_TRUE(add(record));
    return record.id;
  }
  std::vector<PictureRecord> list(const PictureFilter& filter) {
    return records.read_now([&](const Transaction& t) { return t.pictures().list(filter); });
  }
  std::vector<std::string> ids(const PictureFilter& filter) {
    std::vector<std::string> found;
    for (const PictureRecord& picture : list(filter)) found.push_back(picture.id);
    return found;
  }
  std::vector<std::string> words(const std::string& text) { return ids({.words = text}); }
};

}  // namespace easel
