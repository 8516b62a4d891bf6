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
  struct Page {
    std::vector<JobSight> jobs;
    Json next = nullptr;
  };
  app.ask(
      [filter](const Transaction& all) {
        std::vector<JobRecord> jobs = all.jobs().list(filter);
        Page page;
        if (static_cast<int>(jobs.size()) == filter.limit) {
          jobs.pop_back();
          page.next = jobs.back().id;
        }
        page.jobs = sights_of(all, std::move(jobs));
        return page;
      },
      [&app, respond](const Page& page) {
        Json items = Json::array();
        for (const JobSight& sight : page.jobs) items.push_back(app.job_json(sight));
        respond(json_response({{"items", std::move(items)}, {"next", page.next}}));
      },
      fail_with(respond));
}

void submit_job(App& app, const RequestPtr& request, const Respond& respond) {
  const Json body = parse_object(request->body);
  Fields fields(body, {});
  const DrawJob draw = parse_draw(fields, app.parsing());
  const bool reuse = fields.flag("reuse", true);
  const bool listed = fields.flag("listed", true);
  fields.finish();
  // The lists may be others than when it was drawn before.
  const bool same_words = !draw.recipe.templates.by_seed;
  NewJob job = app.new_draw(*request, draw);
  job.listed = listed;
  submit_and_answer(app, *request, std::move(job), reuse && same_words, respond);
}

// How things stand for a stream that starts.
struct Standing {
  std::vector<JobSight> jobs;
  int active = 0;
};

Standing standing_of(const Transaction& all, const std::string& job) {
  if (!job.empty()) return {.jobs = {need_sight(all, job)}};
  auto running =
      all.jobs().list({.states = {JobState::kRunning}, .sheet = {}, .before = {}, .limit = 4});
  return {.jobs = sights_of(all, std::move(running)), .active = all.jobs().active("")};
}

std::vector<EventHub::Event> snapshot_of(const App& app, const Standing& standing,
                                         const std::string& job) {
  std::vector<EventHub::Event> snapshot;
  for (const JobSight& sight : standing.jobs) {
    Json data = app.job_json(sight);
    data["job"] = sight.job.id;
    snapshot.push_back({.job = sight.job.id, .name = "snapshot", .data = std::move(data)});
  }
  if (!job.empty()) return snapshot;
  const bool paused = app.threads.worker->paused();
  snapshot.push_back({.job = "",
                      .name = "queue",
                      .data = {{"length", standing.active},
                               {"paused", paused},
                               {"reason", paused ? "storage_full" : ""}}});
  return snapshot;
}

Subscription subscription_in(const HttpRequest& request, const std::string& job) {
  const auto is_set = [&](const char* name) {
    const std::string* value = request.parameter(name);
    return value != nullptr && *value == "1";
  };
  Subscription wanted{
      .job = job, .previews = is_set("previews"), .latents = is_set("latents"), .last_id = {}};
  if (const std::string* id = request.parameter("after")) wanted.last_id = *id;
  if (const std::string* id = request.header("last-event-id")) wanted.last_id = *id;
  return wanted;
}

void open_stream(App& app, const Subscription& wanted, const Respond& respond) {
  app.ask([job = wanted.job](const Transaction& all) { return standing_of(all, job); },
          [&app, wanted, respond, before = app.changes()](const Standing& standing) {
            // What was told since the store was read would be missed: it is read again.
            if (app.changes() != before) return open_stream(app, wanted, respond);
            const bool finished = !wanted.job.empty() && is_final(standing.jobs.at(0).job.state);
            const EventHub::Opening opening =
                app.hub.subscribe(wanted, snapshot_of(app, standing, wanted.job), finished);
            // 204 tells an EventSource not to come back.
            if (!opening.stream) return respond({.status = 204});
            respond({.events = opening.stream});
          },
          fail_with(respond));
}

void stream_events(App& app, const RequestPtr& request, const Respond& respond,
                   const std::string& job) {
  open_stream(app, subscription_in(*request, job), respond);
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

void submit_and_answer(App& app, const HttpRequest& request, NewJob job, bool reuse,
                       const Respond& respond) {
  App::Submit submit{.job = std::move(job), .key = idempotency_key(request), .reuse = reuse};
  app.submit(
      std::move(submit),
      [&app, respond](const App::Submitted& submitted) {
        const Json json = app.job_json(submitted.sight, submitted.from_gallery);
        HttpResponse response = json_response(json, 202);
        response.headers.emplace_back("Location", "/api/v1/jobs/" + submitted.sight.job.id);
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
  app.web.router.add(
      {.method = "POST",
       .pattern = base + "/jobs",
       .handler = [&app](const RequestPtr& request,
                         const Respond& respond) { submit_job(app, request, respond); },
       .body = BodyKind::kJson,
       .submits = true});
  app.web.router.add({.method = "GET",
                      .pattern = base + "/jobs",
                      .handler = [&app](const RequestPtr& request, const Respond& respond) {
                        list_jobs(app, *request, respond);
                      }});
  app.web.router.add({.method = "GET",
                      .pattern = base + "/jobs/{id}",
                      .handler = [&app](const RequestPtr& request, const Respond& respond) {
                        app.ask([id = request->captures[0]](
                                    const Transaction& all) { return need_sight(all, id); },
                                [&app, respond](const JobSight& sight) {
                                  respond(json_response(app.job_json(sight)));
                                },
                                fail_with(respond));
                      }});
  app.web.router.add({.method = "POST",
                      .pattern = base + "/jobs/{id}/cancel",
                      .handler = [&app](const RequestPtr& request, const Respond& respond) {
                        app.cancel(
                            request->captures[0], request->owner,
                            [&app, respond](const std::optional<JobSight>& now) {
                              if (!now) refuse(404, "there is no such job");
                              respond(json_response(app.job_json(*now), 202));
                            },
                            fail_with(respond));
                      }});
  app.web.router.add({.method = "GET",
                      .pattern = base + "/jobs/{id}/events",
                      .handler = [&app](const RequestPtr& request, const Respond& respond) {
                        stream_events(app, request, respond, request->captures[0]);
                      }});
  app.web.router.add({.method = "GET",
                      .pattern = base + "/events",
                      .handler = [&app](const RequestPtr& request, const Respond& respond) {
                        stream_events(app, request, respond, "");
                      }});
}

}  // namespace easel::server
