#include "server/app/app.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/error.h"
#include "core/sha256.h"
#include "server/app/events.h"
#include "server/app/limits.h"
#include "store/open/open_records.h"
#include "store/repair.h"
#include "store/ulid.h"

namespace easel::server {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr int kToldPositions = 64;  // how far down the line places are told of
constexpr std::int64_t kUndoMs = 24LL * 3600 * 1000;

Tokens read_tokens(const ServeOptions& options) {
  return options.tokens ? Tokens::read(*options.tokens) : Tokens();
}

}  // namespace

Storage::Storage(const std::filesystem::path& path)
    : folder(path),
      crash_mark(folder.path() / "crashed"),
      files(folder.pictures(), folder.thumbnails()),
      local_pictures(files),
      records(open_records(folder)),
      workers(*records) {}

Drawing::Drawing(const ServeOptions& options, const Engine& with)
    : engine(with),
      models(with, options.models),
      catalogue(options.builtin_catalogue, options.own_catalogue) {}

Web::Web(const ServeOptions& options)
    : gate(router, {.hosts = host_rules(options.host, options.allow_hosts),
                    .tokens = read_tokens(options)}) {}

App::App(const ServeOptions& wanted, const Engine& engine)
    : options(wanted),
      log(wanted.log, wanted.log_level),
      web(wanted),
      storage(wanted.data),
      drawing(wanted, engine) {
  const RepairReport report =
      repair(*storage.records, storage.files,
             storage.crash_mark.crashed_before() ? Loss::kCrash : Loss::kKilled);
  if (report.adopted + report.unreadable + report.missing + report.found + report.requeued > 0) {
    log.info("repaired the gallery", {{"adopted", report.adopted},
                                      {"unreadable", report.unreadable},
                                      {"missing", report.missing},
                                      {"found", report.found},
                                      {"requeued", report.requeued}});
  }
  drawing.times.load(
      storage.records->read_now([](const Transaction& all) { return all.timings().all(); }));
  threads.events = std::make_unique<Events>(*this);
  threads.helper = std::make_unique<TaskThread>();
  threads.enlarging = std::make_unique<TaskThread>();
}

App::~App() {
  threads.worker.reset();
  threads.helper.reset();
  threads.enlarging.reset();
  storage.records.reset();
  web.listener.reset();
}

void App::run() {
  web.listener = std::make_unique<Listener>(
      loop, ListenerOptions{.host = options.host, .port = options.port},
      HttpHandler{.gate =
                      [this](HttpRequest& request, std::size_t& limit) {
                        auto refusal = web.gate.check(request, limit);
                        if (refusal) metrics.request(refusal->status);
                        return refusal;
                      },
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
  if (!web.listener->loopback() && !web.gate.tokens().needed()) {
    fail(
        ErrorCode::kUsage,
        "{} can be reached from other computers, and whoever reaches it may draw, look and delete: "
        "a token is needed (--token-file FILE makes one), or --host 127.0.0.1",
        options.host);
  }
  loop.on_signals([this](int signal) { on_signal(signal); });
  start_worker();
  loop.every(60s, [this] { purge_deleted(); });
  const std::string host =
      options.host.find(':') != std::string::npos ? "[" + options.host + "]" : options.host;
  const std::string url = "http://" + host + ":" + std::to_string(web.listener->port()) + "/";
  log.info("listening", {{"url", url}, {"data", storage.folder.path().string()}});
  storage.folder.say_where(url);
  if (options.on_listening) options.on_listening(url);
  loop.run();
}

void App::start_worker() {
  drawing.models.loading = true;  // the worker's first act; not ready until it is done
  const auto as_text = [](const std::exception_ptr& trouble) {
    return to_json(problem_of(trouble)).dump();
  };
  threads.worker = std::make_unique<Worker>(
      Worker::Parts{drawing.engine, drawing.models, storage.workers, storage.local_pictures,
                    *threads.events, storage.folder},
      WorkerOptions{.idle = options.idle, .as_text = as_text});
}

void App::job_started(const JobRecord& job) {
  ++line_.changes;
  running.begin(job.id);
  const Json request = Json::try_parse(job.request).value_or(nullptr);
  const int steps = request.is_object() ? request.value("steps", 0) : 0;
  hub.publish({.job = job.id,
               .name = "started",
               .data = {{"job", job.id}, {"count", job.count}, {"steps", steps}}});
  queue_changed();
}

void App::job_ended(const std::string& id) {
  running.end(id);
  line_.told.erase(id);
  ++line_.untold;
  const auto told = [this, counted = std::make_shared<bool>(false)] {
    if (std::exchange(*counted, true)) return;
    --line_.untold;
    if (line_.at_rest) finish_stopping();
  };
  ask([id](const Transaction& all) { return find_sight(all, id); },
      [this, told](const std::optional<JobSight>& sight) {
        if (sight && is_final(sight->job.state)) tell_ended(*sight);
        queue_changed();
        told();
      },
      [told, tell = logged()](const Problem& problem) {
        tell(problem);
        told();
      });
}

void App::tell_ended(const JobSight& sight) {
  ++line_.changes;
  const JobRecord& job = sight.job;
  const std::string state(name_of(job.state));
  metrics.job_ended(state);
  log.info("job ended", {{"job", job.id}, {"state", state}, {"client", job.client}});
  Json data = job_json(sight);
  data["job"] = job.id;
  hub.publish({.job = job.id, .name = state, .data = std::move(data), .last = true});
  call_waiting(sight);
}

void App::call_waiting(const JobSight& sight) {
  const auto found = line_.waiting.find(sight.job.id);
  if (found == line_.waiting.end()) return;
  const auto callbacks = std::move(found->second);
  line_.waiting.erase(found);
  for (const auto& callback : callbacks) callback(sight);
}

Json App::job_json(const JobSight& sight, bool from_gallery) const {
  JobView view{.pictures = sight.pictures, .position = sight.place, .from_gallery = from_gallery};
  if (const Progress* progress = running.progress_of(sight.job.id)) {
    view.progress = to_json(*progress);
  }
  return to_json(sight.job, view);
}

Records::Done App::back_on_loop(std::function<void()> then, Fail fail) {
  return [this, then = std::move(then), fail = std::move(fail)](std::exception_ptr error) {
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
  };
}

App::Fail App::logged() {
  return [this](const Problem& problem) { log.write(LogLevel::kError, problem.detail); };
}

NewJob App::new_draw(const HttpRequest& request, const DrawJob& draw) {
  check_with_model(draw, drawing.models);
  NewJob job;
  job.owner = request.owner;
  job.client = request.client;
  job.kind = "draw";
  job.request = to_json(draw).dump();
  job.hash = hash_of(draw, drawing.models.find(draw.recipe.model.name)->fingerprint);
  job.model = draw.recipe.model.name;
  job.count = draw.count;
  if (const auto expected = drawing.times.expected(draw)) {
    job.cost =
        std::max<std::int64_t>(std::llround(1000 * StepTimes::seconds(draw, expected->times)), 1);
  }
  return job;
}

void App::submit(Submit wanted, std::function<void(Submitted)> then, Fail fail) {
  if (!wanted.reuse) return put_in_line(wanted, "", std::move(then), std::move(fail));
  ask(
      [hash = wanted.job.hash](const Transaction& all) -> std::optional<JobSight> {
        auto drawn = all.jobs().find_done(hash);
        if (!drawn) return std::nullopt;
        return sight_of(all, *std::move(drawn));
      },
      [this, wanted, then, fail](std::optional<JobSight> drawn) {
        if (drawn && wanted.key.key.empty()) {
          return then({.sight = *std::move(drawn), .replayed = false, .from_gallery = true});
        }
        put_in_line(wanted, drawn ? drawn->job.id : "", then, fail);
      },
      fail);
}

namespace {

struct Answered {
  Submission::Outcome outcome = Submission::Outcome::kAccepted;
  JobSight sight;
};

Problem key_used() {
  return {.status = 422,
          .type = "key-used",
          .detail = "this Idempotency-Key was used for another request",
          .faults = {{.field = "Idempotency-Key",
                      .value = nullptr,
                      .allowed = "a new key for a new request",
                      .detail = "this key was used for another request"}}};
}

}  // namespace

// `drawn`: a job of the gallery that the key is answered with; empty: a new one.
void App::put_in_line(const Submit& wanted, const std::string& drawn,
                      std::function<void(Submitted)> then, Fail fail) {
  const QueueLimits limits = wanted.limited ? kQueueOfOwners : kQueueOfAll;
  write(
      [wanted, limits, drawn](Transaction& all) -> Answered {
        Submission made = drawn.empty()
                              ? all.jobs().submit(wanted.job, wanted.key, limits)
                              : all.jobs().answer_with(drawn, wanted.job.owner, wanted.key);
        return {made.outcome, sight_of(all, std::move(made.job))};
      },
      [this, drawn, then = std::move(then), fail](Answered answered) {
        using Outcome = Submission::Outcome;
        const bool is_drawn = answered.sight.job.id == drawn;
        switch (answered.outcome) {
          case Outcome::kOtherBody:
            return fail(key_used());
          case Outcome::kQueueFull:
            return refuse_full(fmt::format("the queue is full: {} jobs wait", kQueueOfAll.total),
                               fail);
          case Outcome::kOwnerFull:
            return refuse_full(
                fmt::format("{} jobs of yours wait already", kQueueOfOwners.per_owner), fail);
          case Outcome::kReplayed:
            return then({std::move(answered.sight), true, is_drawn});
          case Outcome::kAccepted:
            then({std::move(answered.sight), false, is_drawn});
            if (!is_drawn) queue_changed();
            return;
        }
      },
      fail);
}

void App::refuse_full(const std::string& detail, const Fail& fail) {
  ask(
      [this](const Transaction& all) {
        double seconds = 0;
        int counted = 0;
        for (const JobRecord& job :
             all.jobs().list({.states = {JobState::kRunning, JobState::kQueued},
             .sheet = {},
             .before = {},
             .limit = 50})) {
          if (job.kind != "draw") continue;
          const DrawJob draw = draw_job_from_json(Json::parse(job.request));
          if (const auto e = drawing.times.expected(draw))
            seconds += StepTimes::seconds(draw, e->times);
          ++counted;
        }
        return static_cast<int>(std::ceil(seconds / std::max(counted, 1)));
      },
      [detail, fail](int wait) {
        fail({.status = 429, .detail = detail, .retry_after = std::clamp(wait, 1, 600)});
      },
      fail);
}

void App::cancel(const std::string& id, std::function<void(std::optional<JobSight>)> then,
                 Fail fail) {
  struct Cancelled {
    std::optional<JobState> before;
    std::optional<JobSight> now;
  };
  write(
      [id](Transaction& all) {
        Cancelled cancelled;
        if (const auto job = all.jobs().find(id)) cancelled.before = job->state;
        all.jobs().cancel(id);
        cancelled.now = find_sight(all, id);
        return cancelled;
      },
      [this, id, then = std::move(then)](Cancelled cancelled) {
        if (cancelled.before) was_cancelled(id, *cancelled.before);
        then(std::move(cancelled.now));
      },
      std::move(fail));
}

void App::was_cancelled(const std::string& id, JobState before) {
  // A queued one ended right there; a running one ends when its step does, and tells of it then.
  if (before == JobState::kRunning) threads.worker->cancel(id);
  if (before == JobState::kQueued) job_ended(id);
}

void App::when_ended(const std::string& id, std::function<void(const JobSight&)> then) {
  line_.waiting[id].push_back(std::move(then));
  ask([id](const Transaction& all) { return find_sight(all, id); },
      [this](const std::optional<JobSight>& sight) {
        if (sight && is_final(sight->job.state)) call_waiting(*sight);
      },
      logged());
}

void App::queue_changed() {
  if (threads.worker) threads.worker->wake();
  line_.changed = true;
  if (line_.asking) return;
  line_.asking = true;
  line_.changed = false;
  const auto asked = [this] {
    line_.asking = false;
    if (line_.changed) queue_changed();
  };
  ask([](const Transaction& all) { return all.jobs().line(kToldPositions); },
      [this, asked](const std::vector<std::string>& line) {
        tell_places(line);
        asked();
      },
      [asked, tell = logged()](const Problem& problem) {
        tell(problem);
        asked();
      });
}

void App::tell_places(const std::vector<std::string>& line) {
  std::map<std::string, int> places;
  for (const std::string& id : line) {
    const int place = static_cast<int>(places.size());
    places[id] = place;
    const auto told = line_.told.find(id);
    if (told != line_.told.end() && told->second == place) continue;
    hub.publish({.job = id, .name = "queued", .data = {{"job", id}, {"position", place}}});
  }
  line_.told = std::move(places);
}

void App::publish_gallery(const std::string& change, const PictureRecord& picture) {
  hub.publish(
      {.job = "", .name = "gallery", .data = {{"change", change}, {"picture", to_json(picture)}}});
}

void App::publish_purged(const std::string& picture) {
  hub.publish({.job = "",
               .name = "gallery",
               .data = {{"change", "purged"}, {"picture", {{"id", picture}}}}});
}

void App::purge_deleted() {
  ask([](const Transaction& all) { return all.pictures().deleted_before(now_ms() - kUndoMs, 100); },
      [this](const std::vector<std::string>& old) {
        for (const std::string& id : old) {
          try {
            storage.files.remove(id);
          } catch (const Error& error) {
            log.write(LogLevel::kError, error.what());
            continue;
          }
          write([id](Transaction& all) { all.pictures().purge(id); },
                [this, id] { publish_purged(id); }, logged());
        }
      },
      logged());
}

bool App::ready() const { return problem_with_readiness().empty(); }

std::string App::problem_with_readiness() const {
  if (web.gate.stopping()) return "the server is stopping";
  if (threads.worker && threads.worker->paused()) return "the disk is full";
  if (drawing.models.loading) return "the model is being loaded";
  return "";
}

void App::on_signal(int signal) {
  const bool again = web.gate.stopping();
  web.gate.stop_submitting();
  // What cannot be finished in time is given back at once: its finished pictures are kept.
  const bool now = again || running.seconds_left() > 20;
  log.info(now ? "stopping now" : "stopping once the running job is done", {{"signal", signal}});
  threads.worker->stop(now, [this] { loop.post([this] { finish_stopping(); }); });
  if (!again) loop.after(25s, [this] { threads.worker->stop(true, nullptr); });
}

void App::finish_stopping() {
  line_.at_rest = true;
  if (line_.untold > 0) return;  // whoever listens to the last job hears of its end first
  line_.at_rest = false;         // done once
  hub.close();
  web.listener->stop_accepting();
  // Answers that are on their way out get a moment.
  loop.after(200ms, [this] { loop.stop(); });
}

}  // namespace easel::server
