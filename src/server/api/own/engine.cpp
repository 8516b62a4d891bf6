#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "core/sha256.h"
#include "diffusion/samplers.h"
#include "embedded/embedded.h"
#include "http/static_files.h"
#include "recipe/forms.h"
#include "server/api/own/submit.h"
#include "server/api/routes.h"
#include "server/app/app.h"
#include "server/app/limits.h"

namespace easel::server {
namespace {

Json sampler_list() {
  Json items = Json::array();
  for (const Sampler& sampler : samplers()) {
    Json aliases = Json::array();
    for (const std::string_view alias : sampler.aliases) aliases.push_back(std::string(alias));
    items.push_back({{"id", std::string(sampler.id)},
                     {"name", std::string(sampler.name)},
                     {"aliases", std::move(aliases)},
                     {"description", std::string(sampler.description)},
                     {"takes_eta", sampler.takes_eta},
                     {"default_eta", sampler.default_eta}});
  }
  return {{"items", std::move(items)}};
}

Json upscaler_list(const Engine& engine) {
  Json items = Json::array();
  for (const Enlarger& upscaler : engine.enlargers) {
    items.push_back(
        {{"name", upscaler.name}, {"default", upscaler.is_default}, {"scale", upscaler.scale}});
  }
  return {{"items", std::move(items)}};
}

// Seconds of everything that is before a new job, but for what runs: its progress knows better.
double queue_seconds(const Transaction& all, const StepTimes& times,
                     const std::set<std::string>& running) {
  double seconds = 0;
  for (const JobRecord& job : all.jobs().list({.states = {JobState::kQueued, JobState::kRunning},
                              .sheet = {},
                              .before = {},
                              .limit = kQueueOfAll.total})) {
    if (job.kind != "draw" || job.priority < 0 || running.contains(job.id)) continue;
    const DrawJob draw = draw_job_from_json(Json::parse(job.request));
    if (const auto e = times.expected(draw)) seconds += StepTimes::seconds(draw, e->times);
  }
  return seconds;
}

// What the model makes of the words; nothing where none are there yet.
Json notes_on(const App& app, const Recipe& recipe) {
  Json notes = Json::array();
  if (recipe.prompt.empty()) return notes;
  const Models::Model* model = app.drawing.models.find(recipe.model.name);
  for (const std::string& note : model->probe->notes(recipe)) notes.push_back(note);
  return notes;
}

// What a request would draw, by its hashes.
struct RequestHashes {
  std::string job;
  std::vector<std::string> pictures;
};

RequestHashes hashes_in(const App& app, const DrawJob& draw) {
  const std::string fingerprint = app.drawing.models.fingerprint_for(draw.recipe);
  return {.job = hash_of(draw, fingerprint), .pictures = hashes_of(draw, fingerprint)};
}

// How many of the pictures the gallery has.
int drawn_of(const Transaction& all, const RequestHashes& wanted) {
  if (!wanted.job.empty() && all.jobs().find_done(wanted.job)) {
    return static_cast<int>(wanted.pictures.size());
  }
  return static_cast<int>(std::ranges::count_if(wanted.pictures, [&](const std::string& hash) {
    return all.pictures().find_drawn(hash).has_value();
  }));
}

// `there`: how many pictures need not be drawn.
void answer_estimate(const App& app, DrawJob draw, double queue, int there,
                     const Respond& respond) {
  const bool all_there = there == draw.count;
  if (!all_there) draw.count -= there;
  Json answer = {
      {"notes", notes_on(app, draw.recipe)}, {"seconds", nullptr},     {"measured", false},
      {"seconds_per_step", nullptr},         {"queue_seconds", queue}, {"from_gallery", all_there}};
  if (const auto expected = app.drawing.times.expected(draw)) {
    answer["seconds"] = StepTimes::seconds(draw, expected->times);
    answer["seconds_per_step"] = expected->times.step * draw.count;
    answer["measured"] = expected->measured;
  }
  respond(json_response(answer));
}

void estimate(App& app, const HttpRequest& request, const Respond& respond) {
  const Json query = query_object(request);
  Fields fields(query, {.refuse_unknown = true, .from_text = true});
  DrawParsing parsing = app.parsing();
  parsing.needs_prompt = false;
  const DrawJob draw = parse_draw(fields, parsing);
  const bool known_words =
      fields.has("prompt") && fields.has("seed") && !draw.recipe.templates.by_seed;
  fields.ignore("reuse");
  fields.ignore("listed");
  fields.finish();
  const RequestHashes wanted = known_words ? hashes_in(app, draw) : RequestHashes{};
  // A running job's rest is known by its progress, where that says it.
  double rest = 0;
  std::set<std::string> running;
  for (const auto& [id, job] : app.running.all()) {
    if (!job.progress || !job.progress->seconds_left) continue;
    rest += *job.progress->seconds_left;
    running.insert(id);
  }
  struct Found {
    double queue = 0;
    int there = 0;
  };
  app.ask(
      [&times = app.drawing.times, wanted, running](const Transaction& all) {
        return Found{queue_seconds(all, times, running), drawn_of(all, wanted)};
      },
      [&app, draw, rest, respond](const Found& found) {
        answer_estimate(app, draw, found.queue + rest, found.there, respond);
      },
      fail_with(respond));
}

// Names alone: no path of this computer is anybody else's affair.
Json installed_loras(const InstalledLoras& loras) {
  Json items = Json::array();
  for (const std::string& name : loras.names()) items.push_back({{"name", name}});
  return {{"items", std::move(items)}};
}

Json system_json(const App& app, int active, std::int64_t pictures) {
  const DrawingModel& model = *app.drawing.models.default_model().probe;
  const bool paused = app.threads.worker->paused();
  return {{"version", EASEL_VERSION},
          {"backend", model.arithmetic().backend},
          {"target", model.arithmetic().target},
          {"threads", app.drawing.engine.threads},
          {"uptime", app.metrics.uptime()},
          {"ready", app.ready()},
          {"model",
           app.drawing.models.loaded.empty() ? Json(nullptr) : Json(app.drawing.models.loaded)},
          {"loading", app.drawing.models.loading},
          {"queue",
           {{"length", active},
            {"limit", kQueueOfAll.total},
            {"paused", paused},
            {"reason", paused ? "storage_full" : ""}}},
          {"pictures", pictures},
          {"disk_free", app.storage.folder.space().free},
          {"token", app.web.gate.tokens().needed()},
          {"limits",
           {{"count", kMaxCount},
            {"side", kMaxSide},
            {"steps", kMaxSteps},
            {"prompt_bytes", kMaxPromptBytes},
            {"work", kMaxWork},
            {"upscale", kMaxUpscale},
            {"body_bytes", 1 << 20},
            {"picture_bytes", 32 << 20}}}};
}

void system_info(App& app, const Respond& respond) {
  app.ask(
      [](const Transaction& all) {
        return std::pair(all.jobs().active(""), all.pictures().count());
      },
      [&app, respond](const std::pair<int, std::int64_t>& counts) {
        respond(json_response(system_json(app, counts.first, counts.second)));
      },
      fail_with(respond));
}

void put_catalogue(App& app, const HttpRequest& request, const Respond& respond) {
  app.drawing.catalogue.set_own(parse_object(request.body));
  respond(json_response(app.drawing.catalogue.to_json()));
}

}  // namespace

void add_engine_routes(App& app) {
  const std::string base = "/api/v1";
  const auto get = [&](const std::string& path, std::function<Json()> make) {
    app.web.router.add(
        {.method = "GET",
         .pattern = base + path,
         .handler = [make = std::move(make)](const RequestPtr&, const Respond& respond) {
           respond(json_response(make()));
         }});
  };
  get("/models", [&app] { return app.drawing.models.list(); });
  get("/loras", [&app] { return installed_loras(app.drawing.models.loras()); });
  get("/samplers", sampler_list);
  get("/fields", [] { return Json{{"items", list_of_fields()}}; });
  get("/upscalers", [&app] { return upscaler_list(app.drawing.engine); });
  get("/catalogue", [&app] { return app.drawing.catalogue.to_json(); });
  app.web.router.add(
      {.method = "PUT",
       .pattern = base + "/catalogue",
       .handler = [&app](const RequestPtr& request,
                         const Respond& respond) { put_catalogue(app, *request, respond); },
       .body = BodyKind::kJson});
  app.web.router.add({.method = "DELETE",
                      .pattern = base + "/catalogue",
                      .handler = [&app](const RequestPtr&, const Respond& respond) {
                        app.drawing.catalogue.clear_own();
                        respond(json_response(app.drawing.catalogue.to_json()));
                      }});
  app.web.router.add({.method = "GET",
                      .pattern = base + "/estimate",
                      .handler = [&app](const RequestPtr& request, const Respond& respond) {
                        estimate(app, *request, respond);
                      }});
  app.web.router.add({.method = "GET",
                      .pattern = base + "/system",
                      .handler = [&app](const RequestPtr&, const Respond& respond) {
                        system_info(app, respond);
                      }});
  const std::string etag = "\"" + sha256_hex(embedded("openapi.json")).substr(0, 24) + "\"";
  app.web.router.add({.method = "GET",
                      .pattern = base + "/openapi.json",
                      .handler =
                          [etag](const RequestPtr& request, const Respond& respond) {
                            HttpResponse response{.type = "application/json",
                                                  .body = std::string(embedded("openapi.json"))};
                            respond(cached_response(*request, std::move(response), etag, false));
                          },
                      .access = Access::kPublic});
}

}  // namespace easel::server
