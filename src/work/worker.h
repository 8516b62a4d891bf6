#pragma once

#include <atomic>
#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "atelier/draw_job.h"
#include "atelier/engine.h"
#include "store/data_folder.h"
#include "store/worker_store.h"
#include "work/event_sink.h"
#include "work/picture_sink.h"
#include "work/task_thread.h"

namespace easel {

struct WorkerOptions {
  std::chrono::seconds idle{600};  ///< after which a model's memory is given back
  /// How the trouble that ends a job is kept with it, as JSON.
  std::function<std::string(const std::exception_ptr& trouble)> as_text;
};

/// The one thread that draws: claims jobs from the store one after another and runs them. Pictures
/// are written by a second thread, so that drawing goes on meanwhile; a third tells the store that
/// the worker lives, and hears what it is to stop.
class Worker {
 public:
  struct Parts {
    const Engine& engine;
    const Models& models;  ///< only its constant part is used
    WorkerStore& store;
    PictureSink& pictures;
    EventSink& events;
    const DataFolder& folder;
  };

  Worker(const Parts& parts, WorkerOptions options);
  /// Gives a running job back to the queue.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  const std::string& name() const { return name_; }

  // From any thread:
  /// There may be something to claim.
  void wake();
  /// What becomes of the pictures that a job has begun.
  enum class Begun {
    kKept,     ///< as far as they are, marked unfinished; a cell of a sheet's, which would only be
               ///< in the way of a finished one, is dropped
    kDropped,  ///< the job ends without another step
  };
  /// Stops the job within a step if it is the one running, as its owner asked.
  void cancel(const std::string& job, Begun begun);
  /// Claims nothing more. `now`: the running job is given back within a step; otherwise it is
  /// finished. `on_idle` is called once it has come to rest.
  void stop(bool now, std::function<void()> on_idle);
  bool paused() const { return paused_; }
  /// Tells the store that it lives, and stops what that says is to stop. It does so by itself every
  /// third of a lease.
  void beat();

 private:
  enum class Why { kNone, kCancelled, kGivenBack, kLost };
  struct Run;

  void loop();
  void wait_for_work();
  void wait_for_space();
  void load_first();
  std::optional<JobRecord> claim();
  void run(const JobRecord& job);
  void work_on(Run& run);
  static void require_sound(const Run& run);
  void draw_missing(Run& run);
  // `recipe`: the job's, or one picture's with the words that its seed chose.
  void draw_gap(Run& run, const Recipe& recipe, const Pictures& gap);
  // Gives the run what enlarges its pictures between two passes.
  void enlarge_between_passes(Run& run, DrawHooks& hooks) const;
  void enlarge(Run& run);
  /// Throws kNotFound.
  const Enlarger& enlarger_for(const Enlarging& enlarging) const;
  void take_picture(Run& run, const Recipe& recipe, const DrawnPicture& drawn);
  void save(Run& run, const PictureRecord& record, const Image& image);
  void preview(Run& run, const DrawStep& step);
  void require_space(const Run& run);
  void settle(Run& run, const std::exception_ptr& error);
  void settle_cancelled(Run& run);
  void settle_failed(Run& run, const std::exception_ptr& error);
  void discard_unpublished(const Run& run);
  void settle_surely(const Run& run, Ending ending, const std::string& error);
  /// With the LoRAs that the recipe asks for; another one makes way for it.
  DrawingModel& model_for(const Recipe& recipe, const CancelToken& cancel);
  void load_preview(const Models::Model& model);
  void release_model();
  void set_paused(bool paused);
  void stop_run(Why why);
  void beat_until_ended();
  void obey(const Beat& told);
  void lose(const Lease& lease);

  Parts parts_;
  WorkerOptions options_;
  std::string name_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = true;
  bool stopping_ = false;
  bool at_rest_ = false;
  std::function<void()> on_idle_;
  Run* current_ = nullptr;  // under mutex_
  bool claiming_ = false;   // under mutex_: an answer of the store is on its way
  bool ended_ = false;      // under mutex_
  std::atomic<bool> paused_{false};
  std::int64_t space_wanted_ = 0;
  std::int64_t files_wanted_ = 0;

  // The drawing thread's own.
  std::unique_ptr<DrawingModel> model_;
  ModelEntry opened_;  // what model_ is
  bool weights_loaded_ = false;
  LatentPreview latent_preview_;
  std::chrono::steady_clock::time_point last_use_;

  TaskThread saver_;
  std::thread thread_;
  std::thread heart_;
};

}  // namespace easel
