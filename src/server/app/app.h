#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "atelier/catalogue.h"
#include "atelier/draw_job.h"
#include "atelier/models.h"
#include "http/gate.h"
#include "http/listener.h"
#include "http/loop.h"
#include "http/router.h"
#include "http/web_address.h"
#include "server/app/call.h"
#include "server/app/event_hub.h"
#include "server/app/log.h"
#include "server/app/metrics.h"
#include "server/app/options.h"
#include "server/app/running.h"
#include "server/app/sights.h"
#include "server/app/views.h"
#include "store/data_folder.h"
#include "store/given_files.h"
#include "store/picture_files.h"
#include "store/records.h"
#include "store/worker_store.h"
#include "work/crash_mark.h"
#include "work/picture_sink.h"
#include "work/step_times.h"
#include "work/task_thread.h"
#include "work/worker.h"

namespace easel::server {

/// Everything that was drawn, and the jobs: in one folder.
struct Storage {
  explicit Storage(const std::filesystem::path& path);

  DataFolder folder;
  CrashMark crash_mark;
  PictureFiles files;
  GivenFiles given;
  LocalPictures local_pictures;
  std::unique_ptr<Records> records;
  LocalWorkerStore workers;
};

/// What can be drawn, and what it cost so far.
struct Drawing {
  Drawing(const ServeOptions& options, const Engine& engine);

  const Engine& engine;
  Models models;
  Catalogue catalogue;
  StepTimes times;
  /// What clients of AUTOMATIC1111's API set for those that say nothing, in Easel's names.
  Json a1111_settings = Json::object();
};

/// What can be asked for, by whom, and where it is listened for.
struct Web {
  explicit Web(const ServeOptions& options);

  /// The address at which a client that sent `request` finds `path`: with the public address where
  /// there is one, else as Host says, with https where X-Forwarded-Proto says so.
  std::string address_of(const HttpRequest& request, const std::string& path) const;

  std::optional<WebAddress> public_address;
  Router router;
  Gate gate;
  std::unique_ptr<Listener> listener;
};

/// What is done beside the loop.
struct Threads {
  std::unique_ptr<TaskThread> helper;     ///< decodes uploads, composes sheets
  std::unique_ptr<TaskThread> enlarging;  ///< enlarges uploads
  std::unique_ptr<EventSink> events;      ///< what the worker tells
  std::unique_ptr<Worker> worker;
};

/// Everything that answering requests needs. On the loop's thread, but for what says otherwise.
class App {
 public:
  App(const ServeOptions& options, const Engine& engine);
  ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  /// Serves until stopped.
  void run();

  using Fail = std::function<void(const Problem&)>;
  /// Reads: `work` gets a const Transaction& on a thread of the store, and what it returned goes to
  /// `then`, back on the loop. Trouble, that of `then` too, goes to `fail`.
  template <typename Work, typename Then>
  void ask(Work work, Then then, Fail fail) {
    auto call = call_of<const Transaction>(std::move(work), std::move(then));
    storage.records->read(std::move(call.work),
                          back_on_loop(std::move(call.then), std::move(fail)));
  }
  /// Writes: the same with a Transaction&; `then` is called once it is on the disk.
  template <typename Work, typename Then>
  void write(Work work, Then then, Fail fail) {
    auto call = call_of<Transaction>(std::move(work), std::move(then));
    storage.records->write(std::move(call.work),
                           back_on_loop(std::move(call.then), std::move(fail)));
  }

  /// What is known of a job, with its progress if it runs.
  Json job_json(const JobSight& sight, bool from_gallery = false) const;

  struct Submit {
    NewJob job;
    IdempotencyKey key = {};
    bool reuse = true;  ///< answer from the gallery where it can
  };
  struct Submitted {
    JobSight sight;
    bool replayed = false;
    bool from_gallery = false;
  };
  /// Puts a job on disk and in the line. Problems: 422 for a key used otherwise, 429, 503.
  void submit(Submit submit, std::function<void(Submitted)> then, Fail fail);
  /// The job of a draw request. Throws what check_with_model throws.
  NewJob new_draw(const HttpRequest& request, const DrawJob& draw);
  /// What may wait: where tokens are needed, as the owner's says.
  QueueLimits limits_of(const std::string& owner) const;
  /// Cancels a job of `owner`'s, the first time keeping what is there (Worker::Begun), the second
  /// at once; `then` gets how it stands then. Problems: 403 for somebody else's.
  void cancel(const std::string& id, const std::string& owner,
              std::function<void(std::optional<JobSight>)> then, Fail fail);
  /// After the store took a cancellation: tells of it, and stops the job if it runs.
  void was_cancelled(const std::string& id, JobState before,
                     Worker::Begun begun = Worker::Begun::kKept);
  /// Calls `then` when the job has ended, soon if it has already.
  void when_ended(const std::string& id, std::function<void(const JobSight&)> then);
  /// Wakes the worker and tells who waits where they stand.
  void queue_changed();
  /// Tells everybody how the queue stands.
  void tell_queue();
  /// Tells `fail` the problem of a full queue, with the time until one place of it is free again.
  void refuse_full(const std::string& detail, const Fail& fail);
  void publish_gallery(const std::string& change, const PictureRecord& picture);
  void publish_purged(const std::string& picture);
  /// A count of beginnings, endings and pictures of jobs: who read the store before one of them and
  /// wants to listen from then on has to read again.
  std::uint64_t changes() const { return line_.changes; }

  bool ready() const;
  std::string problem_with_readiness() const;
  DrawParsing parsing() const {
    return {.models = drawing.models,
            .enlargers = drawing.engine.enlargers,
            .given = &storage.given,
            .wildcards = storage.folder.wildcards()};
  }

  // Its parts, in the order in which they need each other.
  const ServeOptions& options;
  Log log;
  Metrics metrics;
  Web web;
  Storage storage;
  Drawing drawing;
  EventHub hub;
  Loop loop;
  Running running;
  Threads threads;

 private:
  friend class Events;

  void start_worker();
  void on_signal(int signal);
  void finish_stopping();
  void job_started(const JobRecord& job);
  void job_ended(const std::string& id);
  void tell_ended(const JobSight& sight);
  void call_waiting(const JobSight& sight);
  void tell_places(const std::vector<std::string>& line);
  void put_in_line(const Submit& wanted, const std::string& drawn,
                   std::function<void(Submitted)> then, Fail fail);
  void purge_deleted();
  void drop_given();
  /// Trouble that nobody waits for: it is logged.
  Fail logged();
  Records::Done back_on_loop(std::function<void()> then, Fail fail);

  /// Who waits, and who waits for a job's end.
  struct Line {
    std::map<std::string, int> told;  ///< places
    bool asking = false;              ///< the store, for places
    bool changed = false;             ///< meanwhile
    std::uint64_t changes = 0;
    std::map<std::string, std::vector<std::function<void(const JobSight&)>>> waiting;
    int untold = 0;        ///< jobs whose end is being read, to be told
    bool at_rest = false;  ///< the worker is; what is left is to say so
  };
  Line line_;
};

/// The Fail that answers a request of the own API.
App::Fail fail_with(const Respond& respond);
/// The same in the form that the request's clients expect.
App::Fail fail_with(const HttpRequest& request, const Respond& respond);

/// Answers a request that the gate let through.
void handle(App& app, const RequestPtr& request, const Respond& respond);

}  // namespace easel::server
