#include <algorithm>

#include "core/sha256.h"
#include "server/api/own/submit.h"
#include "server/api/routes.h"
#include "server/app/app.h"

namespace easel::server {
namespace {

constexpr int kMaxKey = 200;

std::vector<JobState> read_states(Fields& fields) {
  std::vector<JobState> states;
  std::string_view rest;
  const std::string text = fields.text("state", "", {.least = 0, .most = 100});
  for (rest = text; !rest.empty();) {
    const std::string_view word = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    const auto state = job_state_named(word);
    if (!state) {
      fields.fault("state", "queued, running, done, failed, cancelled, dead",
                   "is no list of states");
      break;
    }
    states.push_back(*state);
  }
  return states;
}

void list_jobs(App& app, const HttpRequest& request, const Respond& respond) {
  const Json query = query_object(request);
  Fields fields(query, {.refuse_unknown = true, .from_text = true});
  JobFilter filter;
  filter.states = read_states(fields);
  filter.limit = static_cast<int>(fields.integer("limit", 20, 1, 100));
  filter.before = fields.text("before", "", {.least = 0, .most = 100});
  filter.sheet = fields.text("sheet", "", {.least = 0, .most = 100});
  fields.finish();
  ++filter.limit;  // one more, to know whether there is a next page
  std::vector<JobRecord> jobs = app.jobs->list(filter);
  Json next = nullptr;
  if (static_cast<int>(jobs.size()) == filter.limit) {
    jobs.pop_back();
    next = jobs.back().id;
  }
  respond(json_response({{"items", app.jobs_json(jobs)}, {"next", next}}));
}

void submit_job(App& app, const RequestPtr& request, const Respond& respond) {
  const Json body = parse_object(request->body);
  Fields fields(body, {});
  const DrawJob draw = parse_draw(fields, app.parsing());
  const bool reuse = fields.flag("reuse", true);
  fields.finish();
  submit_and_answer(app, *request, app.new_draw(*request, draw), reuse, respond);
}

void stream_events(App& app, const RequestPtr& request, const Respond& respond,
                   const std::string& job) {
  const auto is_set = [&](const char* name) {
    const std::string* value = request->parameter(name);
    return value != nullptr && *value == "1";
  };
  Subscription wanted{
      .job = job, .previews = is_set("previews"), .latents = is_set("latents"), .last_id = {}};
  if (const std::string* id = request->parameter("after")) wanted.last_id = *id;
  if (const std::string* id = request->header("last-event-id")) wanted.last_id = *id;
  std::vector<EventHub::Event> snapshot;
  bool finished = false;
  if (!job.empty()) {
    const JobRecord record = app.need_job(job);
    finished = is_final(record.state);
    Json data = app.job_json(record);
    data["job"] = record.id;
    snapshot.push_back({.job = job, .name = "snapshot", .data = std::move(data)});
  } else {
    for (const JobRecord& record :
         app.jobs->list({.states = {JobState::kRunning}, .sheet = {}, .before = {}, .limit = 4})) {
      Json data = app.job_json(record);
      data["job"] = record.id;
      snapshot.push_back({.job = record.id, .name = "snapshot", .data = std::move(data)});
    }
    snapshot.push_back({.job = "",
                        .name = "queue",
                        .data = {{"length", app.jobs->active("")},
                                 {"paused", app.worker->paused()},
                                 {"reason", app.worker->paused() ? "storage_full" : ""}}});
  }
  const EventHub::Opening opening = app.hub.subscribe(wanted, snapshot, finished);
  if (!opening.stream) return respond({.status = 204});  // tells an EventSource not to come back
  respond({.events = opening.stream});
}

}  // namespace

Json query_object(const HttpRequest& request) {
  Json query = Json::object();
  for (const auto& [name, value] : request.query) query[name] = value;
  return query;
}

IdempotencyKey idempotency_key(const HttpRequest& request) {
  const std::string* key = request.header("idempotency-key");
  if (key == nullptr) return {};
  const bool printable =
      std::all_of(key->begin(), key->end(), [](char c) { return c >= 0x20 && c < 0x7f; });
  if (key->empty() || key->size() > kMaxKey || !printable ||
      request.header_count("idempotency-key") > 1) {
    refuse_field({.field = "Idempotency-Key",
                  .value = *key,
                  .allowed = "1 to 200 printable ASCII characters",
                  .detail = "Idempotency-Key: wanted are 1 to 200 printable ASCII characters"});
  }
  return {*key, sha256_hex(request.path + "\n" + request.body)};
}

bool is_limited(const App& app, const HttpRequest& request) {
  return app.tokens.needed() && !request.loopback;
}

void submit_and_answer(App& app, const HttpRequest& request, NewJob job, bool reuse,
                       const Respond& respond) {
  App::Submit submit{.job = std::move(job),
                     .key = idempotency_key(request),
                     .reuse = reuse,
                     .limited = is_limited(app, request)};
  app.submit(
      std::move(submit),
      [&app, respond](const App::Submitted& submitted) {
        const Json json = app.job_json(submitted.job, submitted.from_gallery);
        HttpResponse response = json_response(json, 202);
        response.headers.emplace_back("Location", "/api/v1/jobs/" + submitted.job.id);
        if (json["position"].is_number()) {
          response.headers.emplace_back("X-Queue-Position", json["position"].dump());
        }
        if (submitted.replayed) response.headers.emplace_back("Idempotency-Replayed", "true");
        respond(std::move(response));
      },
      fail_with(respond));
}

void add_job_routes(App& app) {
  const std::string base = "/api/v1";
  app.router.add({.method = "POST",
                  .pattern = base + "/jobs",
                  .handler = [&app](const RequestPtr& request,
                                    const Respond& respond) { submit_job(app, request, respond); },
                  .body = BodyKind::kJson,
                  .submits = true});
  app.router.add({.method = "GET",
                  .pattern = base + "/jobs",
                  .handler = [&app](const RequestPtr& request, const Respond& respond) {
                    list_jobs(app, *request, respond);
                  }});
  app.router.add({.method = "GET",
                  .pattern = base + "/jobs/{id}",
                  .handler = [&app](const RequestPtr& request, const Respond& respond) {
                    respond(json_response(app.job_json(app.need_job(request->captures[0]))));
                  }});
  app.router.add({.method = "POST",
                  .pattern = base + "/jobs/{id}/cancel",
                  .handler = [&app](const RequestPtr& request, const Respond& respond) {
                    const JobRecord job = app.need_job(request->captures[0]);
                    app.cancel(
                        job.id,
                        [&app, respond](const std::optional<JobRecord>& now) {
                          respond(json_response(now ? app.job_json(*now) : Json(nullptr), 202));
                        },
                        fail_with(respond));
                  }});
  app.router.add({.method = "GET",
                  .pattern = base + "/jobs/{id}/events",
                  .handler = [&app](const RequestPtr& request, const Respond& respond) {
                    stream_events(app, request, respond, app.need_job(request->captures[0]).id);
                  }});
  app.router.add({.method = "GET",
                  .pattern = base + "/events",
                  .handler = [&app](const RequestPtr& request, const Respond& respond) {
                    stream_events(app, request, respond, "");
                  }});
}

}  // namespace easel::server
