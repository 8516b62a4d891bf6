#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "atelier/catalogue.h"
#include "atelier/draw_job.h"
#include "atelier/models.h"
#include "http/checks.h"
#include "http/listener.h"
#include "http/loop.h"
#include "http/rate.h"
#include "http/router.h"
#include "http/token.h"
#include "server/app/event_hub.h"
#include "server/app/log.h"
#include "server/app/metrics.h"
#include "server/app/options.h"
#include "server/app/views.h"
#include "store/data_folder.h"
#include "store/picture_files.h"
#include "store/picture_store.h"
#include "store/sqlite_job_store.h"
#include "store/write_queue.h"
#include "work/crash_mark.h"
#include "work/step_times.h"
#include "work/task_thread.h"
#include "work/worker.h"

namespace easel::server {

/// Everything that answering requests needs. On the loop's thread, but for what says otherwise.
class App {
 public:
  App(const ServeOptions& options, const Engine& engine);
  ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  /// Serves until stopped.
  void run();

  // Reading: straight from the database, by a connection of the loop's own.
  std::optional<JobRecord> find_job(const std::string& id);
  /// Throws 404.
  JobRecord need_job(const std::string& id);
  PictureRecord need_picture(const std::string& id);
  Json job_json(const JobRecord& job, bool from_gallery = false);
  Json jobs_json(const std::vector<JobRecord>& jobs);
  /// Places of queued jobs in the line.
  std::map<std::string, int> positions();

  // Writing: on the writing thread, `then` back on the loop. Trouble goes to `fail`.
  using Fail = std::function<void(const Problem&)>;
  void write(std::function<void(Database&)> work, std::function<void()> then, Fail fail);

  struct Submit {
    NewJob job;
    IdempotencyKey key = {};
    bool reuse = true;     ///< answer from the gallery where it can
    bool limited = false;  ///< the owner's share of the queue counts
  };
  struct Submitted {
    JobRecord job;
    bool replayed = false;
    bool from_gallery = false;
  };
  /// Puts a job on disk and in the line. Problems: 422 for a key used otherwise, 429, 503.
  void submit(Submit submit, std::function<void(Submitted)> then, Fail fail);
  /// The job of a draw request. Throws what check_with_model throws.
  NewJob new_draw(const HttpRequest& request, const DrawJob& draw);
  /// Cancels; `then` gets its record.
  void cancel(const std::string& id, std::function<void(std::optional<JobRecord>)> then, Fail fail);
  /// After the store took a cancellation: tells of it, and stops the job if it runs.
  void was_cancelled(const std::string& id, JobState before);
  /// Calls `then` when the job has ended, now if it has already.
  void when_ended(const std::string& id, std::function<void(const JobRecord&)> then);
  /// Wakes the worker and tells who waits where they stand.
  void queue_changed();
  /// The problem of a full queue, with the time until one place of it is free again.
  Problem queue_full(const std::string& detail);
  void publish_gallery(const std::string& change, const std::string& picture);

  bool draining() const { return draining_; }
  bool ready() const;
  std::string problem_with_readiness() const;
  double uptime() const;
  DrawParsing parsing() const { return {models, engine.enlargers}; }

  // Its parts, in the order in which they need each other.
  const ServeOptions& options;
  const Engine& engine;
  Log log;
  Tokens tokens;
  DataFolder folder;
  CrashMark crash_mark;
  PictureFiles files;
  Database writing;
  std::unique_ptr<Database> reading;
  std::unique_ptr<SqliteJobStore> jobs;
  std::unique_ptr<PictureStore> pictures;
  Models models;
  Catalogue catalogue;
  StepTimes times;
  Metrics metrics;
  RateLimit submit_rate{{10, 20}};
  EventHub hub;
  Loop loop;
  HostRules hosts;
  Router router;
  std::string running_job;
  Json running_progress = nullptr;
  Json running_preview = nullptr;  ///< the last one, for clients that ask for it
  std::unique_ptr<WriteQueue> writes;
  std::unique_ptr<TaskThread> helper;     ///< decodes uploads, composes sheets
  std::unique_ptr<TaskThread> enlarging;  ///< enlarges uploads
  /// Clients that ask how far it is, instead of listening, want previews until then.
  std::atomic<std::int64_t> previews_until{0};
  std::string a1111_model;  ///< the default that clients of that API chose; empty: ours
  std::unique_ptr<Worker> worker;
  std::unique_ptr<Listener> listener;

 private:
  void start_worker();
  void start_timers();
  void on_signal(int signal);
  void finish_stopping();
  void job_started(const std::string& id);
  void job_ended(const std::string& id);
  void purge_deleted();

  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  bool draining_ = false;
  std::map<std::string, int> told_positions_;
  std::map<std::string, std::vector<std::function<void(const JobRecord&)>>> waiting_;
  double last_step_at_ = 0;
  int last_step_ = 0;
};

/// The Fail that answers a request of the own API.
App::Fail fail_with(const Respond& respond);

/// Looks at a request's header: host, origin, route, token, type. Sets the body limit.
std::optional<HttpResponse> gate(App& app, HttpRequest& request, std::size_t& body_limit);
void handle(App& app, const RequestPtr& request, const Respond& respond);
/// A problem as the route's clients expect it.
HttpResponse told(Dialect dialect, const Problem& problem);

}  // namespace easel::server
