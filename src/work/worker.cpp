#include "work/worker.h"

#include <algorithm>
#include <chrono>
#include <new>
#include <utility>

#include "core/error.h"
#include "image/resize.h"
#include "work/worker_run.h"

namespace easel {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::seconds;

constexpr seconds kPoll{1};
constexpr std::chrono::milliseconds kBeat{kLeaseMs / 3};
constexpr seconds kSpacePoll{2};
// Enough free space to go on after the disk was full: a twentieth of it, but never more than this.
constexpr std::int64_t kComfortableSpace = std::int64_t{1} << 30;
constexpr std::int64_t kComfortableFiles = 1000;

struct Trouble {
  std::string what;
  bool full = false;  ///< the disk is
  /// What the request itself causes would come again; other trouble may pass.
  bool may_pass = true;
};

Trouble trouble_in(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const Error& own) {
    const ErrorCode code = own.code();
    return {.what = own.what(),
            .full = code == ErrorCode::kNoSpace,
            .may_pass = code == ErrorCode::kIo || code == ErrorCode::kNetwork};
  } catch (const std::exception& other) {
    return {.what = other.what()};
  } catch (...) {
    return {.what = "something that is no exception was thrown"};
  }
}

}  // namespace

Worker::Worker(const Parts& parts, WorkerOptions options)
    : parts_(parts),
      options_(std::move(options)),
      name_(parts.store.join()),
      last_use_(Clock::now()),
      thread_([this] { loop(); }),
      heart_([this] { beat_until_ended(); }) {}

Worker::~Worker() {
  stop(true, nullptr);
  thread_.join();
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  heart_.join();
  parts_.store.leave(name_);
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

void Worker::cancel(const std::string& job, Begun begun) {
  const std::lock_guard lock(mutex_);
  if (current_ == nullptr || current_->job.id != job) return;
  if (begun == Begun::kDropped || current_->job.sheet) return stop_run(Why::kCancelled);
  if (current_->why == Why::kNone) current_->why = Why::kCancelled;
  current_->enough.cancel();
}

void Worker::lose(const Lease& lease) {
  const std::lock_guard lock(mutex_);
  if (current_ != nullptr && current_->lease() == lease) stop_run(Why::kLost);
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

void Worker::beat_until_ended() {
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, kBeat, [&] { return ended_; })) {
    lock.unlock();
    beat();
    lock.lock();
  }
}

void Worker::beat() {
  std::vector<Lease> held;
  {
    const std::lock_guard lock(mutex_);
    if (current_ != nullptr) held.push_back(current_->lease());
  }
  try {
    obey(parts_.store.heartbeat(name_, held));
  } catch (const std::exception& error) {
    parts_.events.tell_trouble(error.what());
  }
}

void Worker::obey(const Beat& told) {
  for (const std::string& job : told.cancelled) cancel(job, Begun::kKept);
  for (const Lease& lease : told.lost) lose(lease);
  for (const Lease& lease : told.unknown) {
    {
      // A job that was claimed while the store answered is no stranger; the next beat knows better.
      const std::lock_guard lock(mutex_);
      if (claiming_ || (current_ != nullptr && current_->lease() == lease)) continue;
    }
    parts_.store.settle(lease, Ending::kGivenBack, "");
  }
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
      parts_.events.tell_trouble(error.what());
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
    model_for({}, never);
  } catch (const std::exception& error) {
    parts_.events.tell_model("", false);
    parts_.events.tell_trouble(error.what());
  }
}

void Worker::wait_for_work() {
  {
    const std::lock_guard lock(mutex_);
    claiming_ = false;
  }
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
    const std::int64_t files =
        std::max(files_wanted_, std::min(space.total_files / 20, kComfortableFiles));
    if (space.free > needed && space.free_files > files && parts_.folder.make_reserve()) {
      set_paused(false);
      return;
    }
  } catch (const Error& error) {
    parts_.events.tell_trouble(error.what());
  }
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kSpacePoll, [&] { return stopping_; });
}

void Worker::set_paused(bool paused) {
  if (paused_.exchange(paused) != paused) parts_.events.tell_paused(paused);
}

std::optional<JobRecord> Worker::claim() {
  {
    const std::lock_guard lock(mutex_);
    claiming_ = true;
  }
  return parts_.store.claim(name_);
}

// An ending must not be lost, however long the disk is full.
void Worker::settle_surely(const Run& run, Ending ending, const std::string& error) {
  const bool for_good = ending == Ending::kCancelled || ending == Ending::kFailed;
  for (;;) {
    try {
      if (parts_.store.settle(run.lease(), ending, error) && for_good) discard_unpublished(run);
      return;
    } catch (const std::exception& trouble) {
      parts_.events.tell_trouble(trouble.what());
      parts_.folder.give_up_reserve();
    }
    std::unique_lock lock(mutex_);
    // At the next start the job is found running and queued again.
    if (changed_.wait_for(lock, kPoll, [&] { return stopping_; })) return;
  }
}

void Worker::run(const JobRecord& job) {
  Run run(job, name_);
  {
    const std::lock_guard lock(mutex_);
    current_ = &run;
    claiming_ = false;
    if (stopping_) stop_run(Why::kGivenBack);
    if (job.cancel) stop_run(Why::kCancelled);
  }
  std::exception_ptr error;
  try {
    parts_.events.tell_started(job);
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
  parts_.events.tell_ended(job.id);
}

// A row of the store may come from anywhere: it is held to the limits of a request.
void Worker::require_sound(const Run& run) {
  const Recipe& recipe = run.draw.recipe;
  const auto within = [](double value, int most) { return value >= 1 && value <= most; };
  const auto sides = [&](Image::Size size, int most) {
    return within(size.width, most) && within(size.height, most);
  };
  const bool sound =
      within(run.job.count, kMaxCount) && run.draw.count == run.job.count &&
      run.job.picture_ids.size() == static_cast<std::size_t>(run.job.count) &&
      within(diffusion_of(recipe).steps.value_or(0), kMaxSteps) && sides(recipe.size, kMaxSide) &&
      within(recipe.enlarging.factor.value_or(1), kMaxUpscale) &&
      (recipe.enlarging.result == Image::Size{} || sides(recipe.enlarging.result, kMaxResultSide));
  if (sound) return;
  fail(ErrorCode::kUsage, "job {}: its record asks for what no request may: {} of {} x {}",
       run.job.id, run.job.count, recipe.size.width, recipe.size.height);
}

void Worker::work_on(Run& run) {
  if (run.job.kind == "upscale") return enlarge(run);
  run.draw = draw_job_from_json(Json::parse(run.job.request));
  require_sound(run);
  draw_missing(run);
}

void Worker::settle(Run& run, const std::exception_ptr& error) {
  const std::exception_ptr saving = run.save_error();
  if (saving) return settle_failed(run, saving);
  if (!error) return settle_surely(run, Ending::kDone, "");
  try {
    std::rethrow_exception(error);
  } catch (const Error& known) {
    if (known.code() == ErrorCode::kCancelled) return settle_cancelled(run);
  } catch (...) {
  }
  settle_failed(run, error);
}

void Worker::settle_cancelled(Run& run) {
  if (run.why == Why::kLost) return;  // it is somebody else's affair
  const bool given_back = run.why == Why::kGivenBack;
  settle_surely(run, given_back ? Ending::kGivenBack : Ending::kCancelled, "");
}

void Worker::settle_failed(Run& run, const std::exception_ptr& error) {
  const Trouble trouble = trouble_in(error);
  if (trouble.full) {
    space_wanted_ = run.space_needed();
    files_wanted_ = run.files_needed();
    parts_.folder.give_up_reserve();
    set_paused(true);
  }
  parts_.events.tell_trouble("job " + run.job.id + ": " + trouble.what);
  settle_surely(run, trouble.may_pass ? Ending::kRetryLater : Ending::kFailed,
                options_.as_text(error));
}

DrawingModel& Worker::model_for(const Recipe& recipe, const CancelToken& cancel) {
  ModelEntry wanted = parts_.models.entry_for(recipe);
  if (model_ && (opened_.name != wanted.name || opened_.location.loras != wanted.location.loras)) {
    release_model();
    model_.reset();
  }
  if (!model_) {
    model_ = parts_.engine.open(wanted, false);
    opened_ = std::move(wanted);
    latent_preview_ = {};
  }
  if (!weights_loaded_) {
    parts_.events.tell_model(opened_.name, true);
    try {
      model_->load(&cancel);
    } catch (...) {
      parts_.events.tell_model("", false);
      throw;
    }
    weights_loaded_ = true;
    parts_.events.tell_model(opened_.name, false);
  }
  if (latent_preview_.matrix.empty()) load_preview(*parts_.models.find(opened_.name));
  return *model_;
}

void Worker::load_preview(const Models::Model& model) {
  const auto file = parts_.folder.previews() / (model.fingerprint.substr(0, 32) + ".json");
  if (auto stored = read_preview(file)) {
    latent_preview_ = std::move(*stored);
    return;
  }
  latent_preview_ = model_->fit_preview();
  write_preview(file, latent_preview_);
}

void Worker::release_model() {
  if (model_ && weights_loaded_) model_->release();
  weights_loaded_ = false;
  parts_.events.tell_model("", false);
}

}  // namespace easel
