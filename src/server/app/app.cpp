#include "server/app/app.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/error.h"
#include "core/sha256.h"
#include "store/repair.h"
#include "store/schema.h"
#include "store/ulid.h"

namespace easel::server {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr QueueLimits kQueueLimits{.total = 1000, .per_owner = 0};
constexpr int kPerOwner = 100;
constexpr int kToldPositions = 64;  // how far down the line places are told of
constexpr std::int64_t kUndoMs = 24LL * 3600 * 1000;

Tokens read_tokens(const ServeOptions& options) {
  return options.tokens ? Tokens::read(*options.tokens) : Tokens();
}

RepairReport prepare(Database& database, const PictureFiles& files, Loss loss) {
  migrate(database);
  return repair(database, files, loss);
}

}  // namespace

App::App(const ServeOptions& wanted, const Engine& with)
    : options(wanted),
      engine(with),
      log(wanted.log, wanted.log_level),
      tokens(read_tokens(wanted)),
      folder(wanted.data),
      crash_mark(folder.path() / "crashed"),
      files(folder.pictures(), folder.thumbnails()),
      writing(folder.database(), Database::Mode::kReadWrite),
      models(with, wanted.models),
      catalogue(wanted.builtin_catalogue, wanted.own_catalogue),
      hosts(host_rules(wanted.host, wanted.allow_hosts)) {
  const RepairReport report =
      prepare(writing, files, crash_mark.crashed_before() ? Loss::kCrash : Loss::kKilled);
  if (report.adopted + report.unreadable + report.missing + report.found + report.requeued > 0) {
    log.info("repaired the gallery", {{"adopted", report.adopted},
                                      {"unreadable", report.unreadable},
                                      {"missing", report.missing},
                                      {"found", report.found},
                                      {"requeued", report.requeued}});
  }
  times.load(writing);
  reading = std::make_unique<Database>(folder.database(), Database::Mode::kReadOnly);
  jobs = std::make_unique<SqliteJobStore>(*reading);
  pictures = std::make_unique<PictureStore>(*reading);
  writes = std::make_unique<WriteQueue>(writing);
  helper = std::make_unique<TaskThread>();
  enlarging = std::make_unique<TaskThread>();
}

App::~App() {
  worker.reset();
  helper.reset();
  enlarging.reset();
  writes.reset();
  listener.reset();
}

void App::run() {
  listener = std::make_unique<Listener>(
      loop, ListenerOptions{.host = options.host, .port = options.port},
      HttpHandler{.gate = [this](HttpRequest& request,
                                 std::size_t& limit) { return gate(*this, request, limit); },
                  .handle = [this](const RequestPtr& request,
                                   const Respond& respond) { handle(*this, request, respond); },
                  .refuse =
                      [this](int status, const std::string& detail) {
                        metrics.request(status);
                        return response_of(
                            {.status = status,
                             .detail = detail,
                             .retry_after = status == 503 ? std::optional(5) : std::nullopt});
                      }});
  if (!listener->loopback() && !tokens.needed()) {
    fail(
        ErrorCode::kUsage,
        "{} can be reached from other computers, and whoever reaches it may draw, look and delete: "
        "a token is needed (--token-file FILE makes one), or --host 127.0.0.1",
        options.host);
  }
  loop.on_signals([this](int signal) { on_signal(signal); });
  start_worker();
  start_timers();
  const std::string host =
      options.host.find(':') != std::string::npos ? "[" + options.host + "]" : options.host;
  const std::string url = "http://" + host + ":" + std::to_string(listener->port()) + "/";
  log.info("listening", {{"url", url}, {"data", folder.path().string()}});
  folder.say_where(url);
  if (options.on_listening) options.on_listening(url);
  loop.run();
}

void App::start_timers() {
  loop.every(10s, [this] {
    writes->post([name = worker->name()](Database& db) { SqliteJobStore(db).heartbeat(name); },
                 nullptr);
  });
  loop.every(5s,
             [this] { writes->post([](Database& db) { SqliteJobStore(db).reap(); }, nullptr); });
  loop.every(60s, [this] { purge_deleted(); });
}

void App::start_worker() {
  WorkerEvents events;
  const auto later = [this](auto work) { loop.post(std::move(work)); };
  events.on_started = [=, this](const std::string& id) { later([this, id] { job_started(id); }); };
  events.on_step = [=, this](const std::string& id, const Progress& progress) {
    later([this, id, progress] {
      running_progress = to_json(progress);
      if (progress.step > 1 && progress.step == last_step_ + 1) {
        metrics.step(progress.seconds - last_step_at_);
      }
      last_step_ = progress.step;
      last_step_at_ = progress.seconds;
      Json data = running_progress;
      data["job"] = id;
      hub.publish({.job = id, .name = "step", .data = std::move(data)});
    });
  };
  events.on_preview = [=, this](const std::string& id, Json preview) {
    later([this, id, preview = std::move(preview)] {
      running_preview = preview["pictures"];
      hub.preview(id, preview);
    });
  };
  events.on_picture = [=, this](const std::string& id, const std::string& picture) {
    later([this, id, picture] {
      metrics.picture();
      const auto record = pictures->find(picture);
      if (!record) return;
      hub.publish({.job = id,
                   .name = "picture",
                   .data = {{"job", id}, {"index", record->index}, {"picture", to_json(*record)}}});
    });
  };
  events.on_note = [=, this](const std::string& id, const std::string& note) {
    later([this, id, note] {
      hub.publish({.job = id, .name = "note", .data = {{"job", id}, {"text", note}}});
    });
  };
  events.on_ended = [=, this](const std::string& id) { later([this, id] { job_ended(id); }); };
  events.on_times = [=, this](const DrawJob& draw, const RunTimes& took) {
    const std::string key = times.add(draw, took);
    writes->post([this, key](Database& db) { times.store(db, key); }, nullptr);
  };
  events.on_model = [=, this](const std::string& model, bool loading) {
    later([this, model, loading] {
      models.loaded = loading ? "" : model;
      models.loading = loading;
    });
  };
  events.on_paused = [=, this](bool paused) {
    later([this, paused] {
      log.write(LogLevel::kWarning, paused ? "the queue waits: the disk is full"
                                           : "the queue goes on: there is space again");
      hub.publish({.job = "",
                   .name = "queue",
                   .data = {{"length", jobs->active("")},
                            {"paused", paused},
                            {"reason", paused ? "storage_full" : ""}}});
    });
  };
  events.on_trouble = [=, this](const std::string& what) {
    later([this, what] {
      metrics.trouble();
      log.write(LogLevel::kError, what);
    });
  };
  events.watched = [this](const std::string& job) {
    const EventHub::Watch watch = hub.watched(job);
    return std::pair(watch.previews || now_ms() < previews_until, watch.latents);
  };
  events.expected = [this](const DrawJob& draw) -> std::optional<RunTimes> {
    if (const auto expected = times.expected(draw)) return expected->times;
    return std::nullopt;
  };
  models.loading = true;  // the worker's first act; not ready until it is done
  worker = std::make_unique<Worker>(Worker::Parts{engine, models, *writes, files, folder},
                                    std::move(events), WorkerOptions{.idle = options.idle});
}

void App::job_started(const std::string& id) {
  running_job = id;
  running_progress = nullptr;
  running_preview = nullptr;
  last_step_ = 0;
  const auto job = find_job(id);
  if (!job) return;
  const Json request = Json::try_parse(job->request).value_or(nullptr);
  const int steps = request.is_object() ? request.value("steps", 0) : 0;
  hub.publish({.job = id,
               .name = "started",
               .data = {{"job", id}, {"count", job->count}, {"steps", steps}}});
  queue_changed();
}

void App::job_ended(const std::string& id) {
  if (running_job == id) {
    running_job.clear();
    running_progress = nullptr;
    running_preview = nullptr;
  }
  const auto job = find_job(id);
  if (!job) return;
  told_positions_.erase(id);
  if (!is_final(job->state)) return queue_changed();
  const std::string state(name_of(job->state));
  metrics.job_ended(state);
  log.info("job ended", {{"job", id}, {"state", state}, {"client", job->client}});
  Json data = job_json(*job);
  data["job"] = id;
  hub.publish({.job = id, .name = state, .data = std::move(data), .last = true});
  if (const auto found = waiting_.find(id); found != waiting_.end()) {
    const auto callbacks = std::move(found->second);
    waiting_.erase(found);
    for (const auto& callback : callbacks) callback(*job);
  }
  queue_changed();
}

std::optional<JobRecord> App::find_job(const std::string& id) {
  if (!is_ulid(id)) return std::nullopt;
  return jobs->find(id);
}

JobRecord App::need_job(const std::string& id) {
  auto job = find_job(id);
  if (!job) refuse(404, "there is no such job");
  return *std::move(job);
}

PictureRecord App::need_picture(const std::string& id) {
  auto picture = is_ulid(id) ? pictures->find(id) : std::nullopt;
  if (!picture) refuse(404, "there is no such picture");
  return *std::move(picture);
}

std::map<std::string, int> App::positions() {
  std::map<std::string, int> places;
  int place = 0;
  for (const std::string& id : jobs->queue()) places[id] = place++;
  return places;
}

Json App::job_json(const JobRecord& job, bool from_gallery) {
  JobView view{.pictures = pictures->of_job(job.id), .from_gallery = from_gallery};
  if (job.state == JobState::kQueued) view.position = positions()[job.id];
  if (job.id == running_job) view.progress = running_progress;
  return to_json(job, view);
}

Json App::jobs_json(const std::vector<JobRecord>& records) {
  Json items = Json::array();
  std::optional<std::map<std::string, int>> places;
  for (const JobRecord& job : records) {
    JobView view{.pictures = pictures->of_job(job.id)};
    if (job.state == JobState::kQueued) {
      if (!places) places = positions();
      view.position = (*places)[job.id];
    }
    if (job.id == running_job) view.progress = running_progress;
    items.push_back(to_json(job, view));
  }
  return items;
}

void App::write(std::function<void(Database&)> work, std::function<void()> then, Fail fail) {
  writes->post(std::move(work),
               [this, then = std::move(then), fail = std::move(fail)](std::exception_ptr error) {
                 loop.post([this, then, fail, error] {
                   if (error) {
                     const Problem problem = problem_of(error);
                     if (problem.status >= 500) log.write(LogLevel::kError, problem.detail);
                     return fail(problem.status == 507 ? Problem{.status = 503,
                                                                 .type = "storage_full",
                                                                 .detail = problem.detail,
                                                                 .retry_after = 30}
                                                       : problem);
                   }
                   try {
                     then();
                   } catch (const std::exception& trouble) {
                     fail(problem_of(trouble));
                   }
                 });
               });
}

NewJob App::new_draw(const HttpRequest& request, const DrawJob& draw) {
  check_with_model(draw, models);
  NewJob job;
  job.owner = request.owner;
  job.client = request.client;
  job.kind = "draw";
  job.request = to_json(draw).dump();
  job.hash = hash_of(draw, models.find(draw.model)->fingerprint);
  job.model = draw.model;
  job.count = draw.count;
  return job;
}

void App::submit(Submit wanted, std::function<void(Submitted)> then, Fail fail) {
  std::optional<JobRecord> drawn;
  if (wanted.reuse) drawn = jobs->find_done(wanted.job.hash);
  if (drawn && wanted.key.key.empty()) {
    return then({.job = *std::move(drawn), .replayed = false, .from_gallery = true});
  }
  QueueLimits limits = kQueueLimits;
  if (wanted.limited) limits.per_owner = kPerOwner;
  const auto result = std::make_shared<Submission>();
  const std::string drawn_id = drawn ? drawn->id : "";
  write(
      [wanted, limits, result, drawn_id](Database& db) {
        SqliteJobStore store(db);
        *result = drawn_id.empty() ? store.submit(wanted.job, wanted.key, limits)
                                   : store.answer_with(drawn_id, wanted.job.owner, wanted.key);
      },
      [this, result, then, fail, drawn_id] {
        using Outcome = Submission::Outcome;
        switch (result->outcome) {
          case Outcome::kOtherBody:
            return fail({.status = 422,
                         .type = "key-used",
                         .detail = "this Idempotency-Key was used for another request",
                         .faults = {{.field = "Idempotency-Key",
                                     .value = nullptr,
                                     .allowed = "a new key for a new request",
                                     .detail = "this key was used for another request"}}});
          case Outcome::kQueueFull:
            return fail(queue_full("the queue is full: 1000 jobs wait"));
          case Outcome::kOwnerFull:
            return fail(queue_full("100 jobs of yours wait already"));
          case Outcome::kReplayed:
            return then(
                {.job = result->job, .replayed = true, .from_gallery = result->job.id == drawn_id});
          case Outcome::kAccepted:
            then({.job = result->job, .replayed = false, .from_gallery = !drawn_id.empty()});
            if (drawn_id.empty()) queue_changed();
            return;
        }
      },
      fail);
}

Problem App::queue_full(const std::string& detail) {
  double seconds = 0;
  int counted = 0;
  for (const JobRecord& job : jobs->list({.states = {JobState::kRunning, JobState::kQueued},
                              .sheet = {},
                              .before = {},
                              .limit = 50})) {
    if (job.kind != "draw") continue;
    const DrawJob draw = draw_job_from_json(Json::parse(job.request));
    if (const auto e = times.expected(draw)) seconds += StepTimes::seconds(draw, e->times);
    ++counted;
  }
  const int wait = static_cast<int>(std::ceil(seconds / std::max(counted, 1)));
  return {.status = 429, .detail = detail, .retry_after = std::clamp(wait, 1, 600)};
}

void App::cancel(const std::string& id, std::function<void(std::optional<JobRecord>)> then,
                 Fail fail) {
  const auto before = std::make_shared<std::optional<JobRecord>>();
  const auto after = std::make_shared<std::optional<JobRecord>>();
  write(
      [id, before, after](Database& db) {
        SqliteJobStore store(db);
        *before = store.find(id);
        *after = store.cancel(id);
      },
      [this, id, before, after, then] {
        if (*before) was_cancelled(id, (*before)->state);
        then(*after);
      },
      std::move(fail));
}

void App::was_cancelled(const std::string& id, JobState before) {
  // A queued one ended right there; a running one ends when its step does, and tells of it then.
  if (before == JobState::kRunning) worker->cancel(id);
  if (before == JobState::kQueued) job_ended(id);
}

void App::when_ended(const std::string& id, std::function<void(const JobRecord&)> then) {
  const auto job = find_job(id);
  if (job && is_final(job->state)) return then(*job);
  waiting_[id].push_back(std::move(then));
}

void App::queue_changed() {
  if (worker) worker->wake();
  std::map<std::string, int> places;
  for (const auto& [id, place] : positions()) {
    if (place >= kToldPositions) continue;
    places[id] = place;
    const auto told = told_positions_.find(id);
    if (told != told_positions_.end() && told->second == place) continue;
    hub.publish({.job = id, .name = "queued", .data = {{"job", id}, {"position", place}}});
  }
  told_positions_ = std::move(places);
}

void App::publish_gallery(const std::string& change, const std::string& picture) {
  const auto record = pictures->find(picture);
  Json shown = record ? to_json(*record) : Json{{"id", picture}};
  hub.publish(
      {.job = "", .name = "gallery", .data = {{"change", change}, {"picture", std::move(shown)}}});
}

void App::purge_deleted() {
  const auto old = pictures->deleted_before(now_ms() - kUndoMs, 100);
  for (const std::string& id : old) {
    try {
      files.remove(id);
    } catch (const Error& error) {
      log.write(LogLevel::kError, error.what());
      continue;
    }
    write([id](Database& db) { PictureStore(db).purge(id); },
          [this, id] { publish_gallery("purged", id); }, [](const Problem&) {});
  }
}

bool App::ready() const { return problem_with_readiness().empty(); }

std::string App::problem_with_readiness() const {
  if (draining_) return "the server is stopping";
  if (worker && worker->paused()) return "the disk is full";
  if (models.loading) return "the model is being loaded";
  return "";
}

double App::uptime() const {
  return std::chrono::duration<double>(steady_clock::now() - started_).count();
}

void App::on_signal(int signal) {
  const bool again = draining_;
  draining_ = true;
  double left = 0;
  if (running_progress.is_object() && running_progress["seconds_left"].is_number()) {
    left = running_progress["seconds_left"].get<double>();
  }
  // What cannot be finished in time is given back at once: its finished pictures are kept.
  const bool now = again || left > 20;
  log.info(now ? "stopping now" : "stopping once the running job is done", {{"signal", signal}});
  worker->stop(now, [this] { loop.post([this] { finish_stopping(); }); });
  if (!again) loop.after(25s, [this] { worker->stop(true, nullptr); });
}

void App::finish_stopping() {
  hub.close();
  listener->stop_accepting();
  // Answers that are on their way out get a moment.
  loop.after(200ms, [this] { loop.stop(); });
}

}  // namespace easel::server
