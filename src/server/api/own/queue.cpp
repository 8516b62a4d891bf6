// The line of jobs as a whole: how it stands, whose it is, and what its owners may do with it.

#include <optional>

#include "server/api/routes.h"
#include "server/app/app.h"
#include "server/app/limits.h"

namespace easel::server {
namespace {

struct QueueSight {
  int length = 0;
  OwnerUse use;
  bool paused = false;
};

QueueSight queue_sight(const Transaction& all, const std::string& owner,
                       const QueueLimits& limits) {
  return {.length = all.jobs().active(""),
          .use = all.jobs().use_of(owner, limits),
          .paused = all.jobs().paused(owner)};
}

Json number_or_null(const std::optional<int>& number) {
  return number ? Json(*number) : Json(nullptr);
}

Json seconds_json(std::int64_t ms) { return static_cast<double>(ms) / 1000; }

Json own_json(const QueueSight& sight, const std::string& owner, const QueueLimits& limits) {
  const bool relaxed = limits.fast_ms && sight.use.fast_ms >= *limits.fast_ms;
  return {{"owner", owner},
          {"paused", sight.paused},
          {"jobs", sight.use.jobs},
          {"jobs_limit", limits.per_owner > 0 ? Json(limits.per_owner) : Json(nullptr)},
          {"pictures", sight.use.pictures},
          {"pictures_limit", number_or_null(limits.pictures)},
          {"hour", limits.hourly ? Json(sight.use.hour) : Json(nullptr)},
          {"hour_limit", number_or_null(limits.hourly)},
          {"tier", relaxed ? "relaxed" : "fast"},
          {"fast_seconds", limits.fast_ms ? seconds_json(sight.use.fast_ms) : Json(nullptr)},
          {"fast_seconds_limit", limits.fast_ms ? seconds_json(*limits.fast_ms) : Json(nullptr)}};
}

void answer_queue(const App& app, const std::string& owner, const QueueSight& sight,
                  const Respond& respond) {
  const bool full = app.threads.worker->paused();
  respond(json_response({{"length", sight.length},
                         {"limit", kQueueOfAll.total},
                         {"paused", full},
                         {"reason", full ? "storage_full" : ""},
                         {"own", own_json(sight, owner, app.limits_of(owner))}}));
}

void show_queue(App& app, const HttpRequest& request, const Respond& respond) {
  const std::string owner = request.owner;
  app.ask(
      [owner, limits = app.limits_of(owner)](const Transaction& all) {
        return queue_sight(all, owner, limits);
      },
      [&app, owner, respond](const QueueSight& sight) { answer_queue(app, owner, sight, respond); },
      fail_with(respond));
}

void pause_own(App& app, const HttpRequest& request, bool pause, const Respond& respond) {
  const std::string owner = request.owner;
  app.write(
      [owner, pause, limits = app.limits_of(owner)](Transaction& all) {
        all.jobs().set_paused(owner, pause);
        return queue_sight(all, owner, limits);
      },
      [&app, owner, respond](const QueueSight& sight) {
        app.queue_changed();
        app.tell_queue();
        answer_queue(app, owner, sight, respond);
      },
      fail_with(respond));
}

// Throws 404, 403 and 409.
void require_waiting(const Transaction& all, const std::string& id, const std::string& owner) {
  const JobSight sight = need_sight(all, id);
  require_own(sight.job.owner, owner);
  if (sight.job.state == JobState::kQueued) return;
  refuse(409, "job " + id + " is " + std::string(name_of(sight.job.state)) +
                  ": only what waits has a place in the queue");
}

void move_job(App& app, const HttpRequest& request, const Respond& respond) {
  const Json body = parse_object(request.body);
  Fields fields(body, {});
  const std::string before = fields.text("before", "", {.least = 0, .most = 100});
  fields.finish();
  app.write(
      [id = request.captures[0], owner = request.owner, before](Transaction& all) {
        require_waiting(all, id, owner);
        if (!before.empty()) require_waiting(all, before, owner);
        if (id != before && !all.jobs().move(id, before)) {
          refuse(409, "jobs " + id + " and " + before +
                          " are of different tiers, which are not drawn in one order");
        }
        return need_sight(all, id);
      },
      [&app, respond](const JobSight& sight) {
        app.queue_changed();
        respond(json_response(app.job_json(sight)));
      },
      fail_with(respond));
}

}  // namespace

void add_queue_routes(App& app) {
  const std::string base = "/api/v1";
  const auto add = [&app](const char* method, const std::string& pattern, BodyKind body,
                          auto action) {
    app.web.router.add(
        {.method = method,
         .pattern = pattern,
         .handler = [&app, action](const RequestPtr& request,
                                   const Respond& respond) { action(app, *request, respond); },
         .body = body});
  };
  add("GET", base + "/queue", BodyKind::kNone, show_queue);
  for (const bool pause : {true, false}) {
    add("POST", base + (pause ? "/queue/pause" : "/queue/resume"), BodyKind::kNone,
        [pause](App& one, const HttpRequest& request, const Respond& respond) {
          pause_own(one, request, pause, respond);
        });
  }
  add("POST", base + "/jobs/{id}/move", BodyKind::kJson, move_job);
}

}  // namespace easel::server
