#include "work/worker.h"

#include <algorithm>
#include <chrono>
#include <new>
#include <utility>

#include "core/error.h"
#include "image/resize.h"
#include "store/sqlite_job_store.h"
#include "store/ulid.h"
#include "work/worker_run.h"

namespace easel {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::seconds;

constexpr seconds kPoll{1};
constexpr seconds kSpacePoll{2};
// Enough free space to go on after the disk was full: a twentieth of it, but never more than this.
constexpr std::int64_t kComfortableSpace = std::int64_t{1} << 30;

}  // namespace

Worker::Worker(const Parts& parts, WorkerEvents events, WorkerOptions options)
    : parts_(parts),
      events_(std::move(events)),
      options_(options),
      name_(new_ulid()),
      last_use_(Clock::now()),
      thread_([this] { loop(); }) {}

Worker::~Worker() {
  stop(true, nullptr);
  thread_.join();
}

void Worker::wake() {
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  changed_.notify_all();
}

void Worker::stop_run(Why why) {  // REQUIRES: mutex_ is held
  if (current_ == nullptr) return;
  if (current_->why == Why::kNone) current_->why = why;
  current_->cancel.cancel();
}

void Worker::cancel(const std::string& job) {
  const std::lock_guard lock(mutex_);
  if (current_ != nullptr && current_->job.id == job) stop_run(Why::kCancelled);
}

void Worker::stop(bool now, std::function<void()> on_idle) {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    if (on_idle) on_idle_ = std::move(on_idle);
    if (now) stop_run(Why::kGivenBack);
    if (at_rest_ && on_idle_) std::exchange(on_idle_, nullptr)();
  }
  changed_.notify_all();
}

void Worker::loop() {
  load_first();
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) break;
      woken_ = false;
    }
    if (paused_) {
      wait_for_space();
      continue;
    }
    std::optional<JobRecord> job;
    try {
      job = claim();
    } catch (const std::exception& error) {
      events_.on_trouble(error.what());
      const auto* own = dynamic_cast<const Error*>(&error);
      if (own != nullptr && own->code() == ErrorCode::kNoSpace) set_paused(true);
    }
    if (job) {
      run(*job);
      last_use_ = Clock::now();
    } else {
      wait_for_work();
    }
  }
  saver_.drain();
  const std::lock_guard lock(mutex_);
  at_rest_ = true;
  if (on_idle_) std::exchange(on_idle_, nullptr)();
}

void Worker::load_first() {
  // A warm start: whoever asks first should not wait for the weights. What is wrong with them is
  // told when somebody draws.
  try {
    const CancelToken never;
    painter_for(parts_.models.default_model(), never);
  } catch (const std::exception& error) {
    events_.on_model("", false);
    events_.on_trouble(error.what());
  }
}

void Worker::wait_for_work() {
  if (weights_loaded_ && Clock::now() - last_use_ > options_.idle) release_model();
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kPoll, [&] { return woken_ || stopping_; });
}

void Worker::wait_for_space() {
  try {
    const DataFolder::Space space = parts_.folder.space();
    const std::int64_t comfortable = std::min(space.total / 20, kComfortableSpace);
    // What the reserve takes back is not there for pictures.
    const std::int64_t needed = std::max(space_wanted_, comfortable) + DataFolder::kReserveBytes;
    if (space.free > needed && parts_.folder.make_reserve()) {
      set_paused(false);
      return;
    }
  } catch (const Error& error) {
    events_.on_trouble(error.what());
  }
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kSpacePoll, [&] { return stopping_; });
}

void Worker::set_paused(bool paused) {
  if (paused_.exchange(paused) != paused) events_.on_paused(paused);
}

std::optional<JobRecord> Worker::claim() {
  std::optional<JobRecord> job;
  parts_.writes.run([&](Database& db) { job = SqliteJobStore(db).claim(name_); });
  return job;
}

// A change of a job's state that must not be lost, however long the disk is full.
void Worker::write_surely(const std::function<void(JobStore&)>& change) {
  for (;;) {
    try {
      parts_.writes.run([&](Database& db) {
        SqliteJobStore store(db);
        change(store);
      });
      return;
    } catch (const std::exception& error) {
      events_.on_trouble(error.what());
      parts_.folder.give_up_reserve();
    }
    std::unique_lock lock(mutex_);
    // At the next start the job is found running and queued again.
    if (changed_.wait_for(lock, kPoll, [&] { return stopping_; })) return;
  }
}

void Worker::run(const JobRecord& job) {
  Run run(job);
  {
    const std::lock_guard lock(mutex_);
    current_ = &run;
    if (stopping_) stop_run(Why::kGivenBack);
    if (job.cancel) stop_run(Why::kCancelled);
  }
  std::exception_ptr error;
  try {
    events_.on_started(job.id);
    work_on(run);
  } catch (...) {
    error = std::current_exception();
  }
  saver_.drain();
  {
    const std::lock_guard lock(mutex_);
    current_ = nullptr;
  }
  settle(run, error);
  events_.on_ended(job.id);
}

void Worker::work_on(Run& run) {
  if (run.job.kind == "upscale") return enlarge(run);
  run.draw = draw_job_from_json(Json::parse(run.job.request));
  draw_missing(run);
}

void Worker::settle(Run& run, const std::exception_ptr& error) {
  const Lease lease{run.job.id, run.job.attempt};
  const std::exception_ptr saving = run.save_error();
  if (saving) return settle_failed(run, saving);
  if (!error) return write_surely([&](JobStore& store) { store.finish(lease); });
  try {
    std::rethrow_exception(error);
  } catch (const Error& known) {
    if (known.code() == ErrorCode::kCancelled) return settle_cancelled(run);
  } catch (...) {
  }
  settle_failed(run, error);
}

void Worker::settle_cancelled(Run& run) {
  const Lease lease{run.job.id, run.job.attempt};
  const bool given_back = run.why == Why::kGivenBack;
  write_surely([&](JobStore& store) {
    if (given_back) {
      store.give_back(lease);
    } else {
      store.cancelled(lease);
    }
  });
}

void Worker::settle_failed(Run& run, const std::exception_ptr& error) {
  const Lease lease{run.job.id, run.job.attempt};
  Problem problem = problem_of(error);
  const bool full = problem.status == 507;
  if (full) {
    space_wanted_ = run.space_needed();
    parts_.folder.give_up_reserve();
    set_paused(true);
  }
  const std::string text = to_json(problem).dump();
  events_.on_trouble("job " + run.job.id + ": " + problem.detail);
  // What the request itself causes would come again; other trouble may pass.
  const bool certain = problem.status < 500 || full;
  write_surely([&](JobStore& store) {
    if (certain) {
      store.fail(lease, text);
    } else {
      store.retry_later(lease, text);
    }
  });
}

Painter& Worker::painter_for(const Models::Model& model, const CancelToken& cancel) {
  if (painter_ && painter_model_ != model.entry.name) {
    release_model();
    painter_.reset();
  }
  if (!painter_) {
    painter_ = parts_.engine.open(model.entry, false);
    painter_model_ = model.entry.name;
    latent_preview_ = {};
  }
  if (!weights_loaded_) {
    events_.on_model(painter_model_, true);
    try {
      painter_->load(&cancel);
    } catch (...) {
      events_.on_model("", false);
      throw;
    }
    weights_loaded_ = true;
    events_.on_model(painter_model_, false);
  }
  if (latent_preview_.matrix.empty()) load_preview(model);
  return *painter_;
}

void Worker::load_preview(const Models::Model& model) {
  const auto file = parts_.folder.previews() / (model.fingerprint.substr(0, 32) + ".json");
  if (auto stored = read_preview(file)) {
    latent_preview_ = std::move(*stored);
    return;
  }
  latent_preview_ = painter_->fit_preview();
  write_preview(file, latent_preview_);
}

void Worker::release_model() {
  if (painter_ && weights_loaded_) painter_->release();
  weights_loaded_ = false;
  events_.on_model("", false);
}

}  // namespace easel
