#include "server/api/routes.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/error.h"
#include "diffusion/samplers.h"
#include "image/schedules.h"
#include "recipe/fields.h"
#include "recipe/forms.h"
#include "recipe/values.h"
#include "server/api/a1111/a1111.h"
#include "server/api/a1111/txt2img.h"
#include "server/api/foreign.h"
#include "store/ulid.h"

namespace easel::server {
namespace {

using namespace std::string_literals;

constexpr std::int64_t kPreviewsMs = 5000;  // how long one look at the progress asks for previews

// The settings under this API's names.
void tell(const Recipe& recipe, Json& json) {
  visit_fields(recipe, [&](const Field& field, const auto& value) {
    if (!field.webui.empty()) json[field.webui] = json_of(value);
  });
  json["eta"] = eta_of(recipe);
  json["seed"] = recipe.seed.seed.value_or(0);
  json["sampler_name"] = std::string(find_sampler(diffusion_of(recipe).sampler).name);
}

Json info_of(const Txt2imgRequest& asked, const std::vector<PictureRecord>& pictures) {
  const Recipe& recipe = asked.draw.recipe;
  const Variation variation = recipe.seed.variation.value_or(Variation{});
  Json info = {{"all_prompts", Json::array()},
               {"all_negative_prompts", Json::array()},
               {"all_seeds", Json::array()},
               {"subseed", variation.seed},
               {"all_subseeds", Json::array()},
               {"subseed_strength", variation.strength},
               {"batch_size", asked.batch},
               {"restore_faces", false},
               {"face_restoration_model", nullptr},
               {"sd_model_name", recipe.model.name},
               {"sd_model_hash", ""},
               {"seed_resize_from_w", -1},
               {"seed_resize_from_h", -1},
               {"denoising_strength", 0},
               {"extra_generation_params", Json::object()},
               {"index_of_first_image", 0},
               {"infotexts", Json::array()},
               {"styles", Json::array()},
               {"job_timestamp", ""},
               {"clip_skip", 1},
               {"is_using_inpainting_conditioning", false}};
  tell(recipe, info);
  for (const PictureRecord& picture : pictures) {
    const Recipe& one = picture.recipe;
    info["all_prompts"].push_back(one.prompt);
    info["all_negative_prompts"].push_back(one.negative);
    info["all_seeds"].push_back(one.seed.seed.value_or(0));
    info["all_subseeds"].push_back(one.seed.variation.value_or(Variation{}).seed);
    info["infotexts"].push_back(to_parameters(by_easel(one)));
  }
  return info;
}

// The request, completed as that API does it.
Json parameters_of(const Txt2imgRequest& asked) {
  Json parameters = asked.body;
  tell(asked.draw.recipe, parameters);
  parameters["batch_size"] = asked.batch;
  parameters["n_iter"] = asked.draw.count / std::max(asked.batch, 1);
  return parameters;
}

void txt2img(App& app, const RequestPtr& request, const Respond& respond) {
  const Txt2imgRequest asked = read_txt2img(app, *request);
  const App::Fail fail = fail_with(*request, respond);
  draw_and_wait(
      app, *request, asked.draw,
      [&app, asked, respond, fail](const JobRecord&, const std::vector<PictureRecord>& pictures) {
        Json answer = {{"images", Json::array()},
                       {"parameters", parameters_of(asked)},
                       {"info", info_of(asked, pictures).dump()}};
        if (!asked.send) return respond(json_response(answer));
        read_pictures(
            app, pictures,
            [answer, respond](const std::vector<std::string>& texts) {
              Json whole = answer;
              whole["images"] = texts;
              respond(json_response(whole));
            },
            fail);
      },
      fail);
}

void progress(App& app, const RequestPtr& request, const Respond& respond) {
  const std::string* skip = request->parameter("skip_current_image");
  const bool with_image = skip == nullptr || (*skip != "true" && *skip != "True" && *skip != "1");
  if (with_image) app.running.previews_until = now_ms() + kPreviewsMs;
  // That API knows one job at a time: the first.
  const bool draws = !app.running.empty();
  const std::string id = draws ? app.running.all().begin()->first : "";
  const Running::Job now = draws ? app.running.all().begin()->second : Running::Job{};
  double done = 0;
  double left = 0;
  Json state = {{"skipped", false}, {"interrupted", false},       {"stopping_generation", false},
                {"job", id},        {"job_count", draws ? 1 : 0}, {"job_timestamp", ""},
                {"job_no", 0},      {"sampling_step", 0},         {"sampling_steps", 0}};
  if (now.progress) {
    const Progress& progress = *now.progress;
    const double count = std::max(progress.count, 1);
    const double steps = std::max(progress.steps, 1);
    done =
        std::min(1.0, (progress.first_picture + progress.pictures * progress.step / steps) / count);
    left = progress.seconds_left.value_or(0);
    state["sampling_step"] = progress.step;
    state["sampling_steps"] = progress.steps;
    state["job_count"] = progress.count;
    state["job_no"] = progress.first_picture;
  }
  Json image = nullptr;
  if (with_image && !now.preview.empty()) image = enlarged_preview(now.preview[0]);
  respond(json_response({{"progress", done},
                         {"eta_relative", left},
                         {"state", std::move(state)},
                         {"current_image", std::move(image)},
                         {"textinfo", nullptr}}));
}

void interrupt(App& app, const RequestPtr& request, const Respond& respond) {
  if (app.running.empty()) return respond(json_response(Json::object()));
  app.cancel(
      app.running.all().begin()->first,
      [respond](const std::optional<JobSight>&) { respond(json_response(Json::object())); },
      fail_with(*request, respond));
}

Json sampler_rows() {
  Json list = Json::array();
  for (const Sampler& sampler : samplers()) {
    Json aliases = Json::array({std::string(sampler.id)});
    for (const std::string_view alias : sampler.aliases) aliases.push_back(std::string(alias));
    list.push_back({{"name", std::string(sampler.name)},
                    {"aliases", std::move(aliases)},
                    {"options", Json::object()}});
  }
  return list;
}

Json model_list(const App& app) {
  Json list = Json::array();
  for (const Models::Model& model : app.drawing.models.all()) {
    if (!model.probe) continue;
    // No path of this computer is anybody else's affair.
    list.push_back({{"title", model.entry.name},
                    {"model_name", model.entry.name},
                    {"hash", nullptr},
                    {"sha256", nullptr},
                    {"filename", model.entry.name},
                    {"config", nullptr}});
  }
  return list;
}

Json lora_list(const App& app) {
  Json list = Json::array();
  for (const std::string& name : app.drawing.models.loras().names())
    list.push_back({{"name", name}, {"alias", name}, {"path", name}, {"metadata", Json::object()}});
  return list;
}

Json enlarger_list(const App& app) {
  Json list = Json::array();
  list.push_back({{"name", "None"},
                  {"model_name", nullptr},
                  {"model_path", nullptr},
                  {"model_url", nullptr},
                  {"scale", 4}});
  for (const Enlarger& enlarger : app.drawing.engine.enlargers) {
    list.push_back({{"name", enlarger.name},
                    {"model_name", enlarger.name},
                    {"model_path", nullptr},
                    {"model_url", nullptr},
                    {"scale", enlarger.scale > 0 ? enlarger.scale : 4}});
  }
  return list;
}

Json options_json(const App& app) {
  const std::string model = app.drawing.a1111_model.empty()
                                ? app.drawing.models.default_model().entry.name
                                : app.drawing.a1111_model;
  return {{"sd_model_checkpoint", model},  {"sd_checkpoint_hash", ""}, {"samples_save", true},
          {"samples_format", "png"},       {"return_grid", false},     {"enable_pnginfo", true},
          {"CLIP_stop_at_last_layers", 1}, {"eta_noise_seed_delta", 0}};
}

void set_options(App& app, const RequestPtr& request, const Respond& respond) {
  const Json body = parse_object(request->body);
  Fields fields(body, {.refuse_unknown = false, .from_text = false});
  const std::string name = fields.text("sd_model_checkpoint", "", {.least = 0, .most = 200});
  const Models::Model* model = app.drawing.models.find(name);
  if (model == nullptr || !model->probe) {
    fields.fault("sd_model_checkpoint", "a name of /sdapi/v1/sd-models",
                 "is " + shown(name) + ", which is not installed");
  }
  fields.finish();
  if (!name.empty()) app.drawing.a1111_model = name;
  respond(json_response(nullptr));
}

Json memory_json() {
  const Json none = {{"error", "unavailable"}};
  return {{"ram", none}, {"cuda", none}};
}

HttpResponse problem_form(const Problem& problem) {
  HttpResponse response = response_of(problem);
  const Json own = to_json(problem);
  const Json field = own.value("field", Json(nullptr));
  response.body = Json({{"error", own["type"]},
                        {"detail", problem.detail},
                        {"body", field.is_null() ? Json("") : field},
                        {"errors", problem.detail}})
                      .dump();
  response.type = "application/json";
  return response;
}

}  // namespace

void add_a1111_routes(App& app) {
  app.web.router.tell_problems("/sdapi/", problem_form);
  const auto add = [&](Route route) {
    route.pattern = "/sdapi/v1" + route.pattern;
    app.web.router.add(std::move(route));
  };
  const auto get = [&](const std::string& path, std::function<Json()> make) {
    add({.method = "GET",
         .pattern = path,
         .handler = [make = std::move(make)](const RequestPtr&, const Respond& respond) {
           respond(json_response(make()));
         }});
  };
  const auto calls = [&app](void (*work)(App&, const RequestPtr&, const Respond&)) -> Handler {
    return [&app, work](const RequestPtr& request, const Respond& respond) {
      work(app, request, respond);
    };
  };
  get("/samplers", sampler_rows);
  get("/schedulers", [] {
    return Json::array({{{"name", "automatic"}, {"label", "Automatic"}, {"aliases", nullptr}},
                        {{"name", "karras"}, {"label", "Karras"}, {"aliases", nullptr}}});
  });
  get("/sd-models", [&app] { return model_list(app); });
  get("/loras", [&app] { return lora_list(app); });
  get("/upscalers", [&app] { return enlarger_list(app); });
  get("/options", [&app] { return options_json(app); });
  // What there is none of here. Clients ask for all of these when they connect, and some give up on
  // the first that is no list.
  for (const char* name :
       {"/prompt-styles", "/latent-upscale-modes", "/sd-vae", "/sd-modules", "/hypernetworks",
        "/face-restorers", "/realesrgan-models", "/script-info"}) {
    get(name, [] { return Json::array(); });
  }
  get("/embeddings", [] { return Json{{"loaded", Json::object()}, {"skipped", Json::object()}}; });
  get("/scripts", [] { return Json{{"txt2img", Json::array()}, {"img2img", Json::array()}}; });
  get("/cmd-flags", [] { return Json::object(); });
  get("/memory", memory_json);
  constexpr BodyKind kJson = BodyKind::kJson;
  add({.method = "POST", .pattern = "/options", .handler = calls(set_options), .body = kJson});
  add({.method = "POST",
       .pattern = "/txt2img",
       .handler = calls(txt2img),
       .body = kJson,
       .submits = true});
  add({.method = "GET", .pattern = "/progress", .handler = calls(progress)});
  for (const char* path : {"/interrupt", "/skip"}) {
    add({.method = "POST", .pattern = path, .handler = calls(interrupt)});
  }
  constexpr std::size_t kUploadBytes = 44 << 20;  // 32 MiB in base64
  add({.method = "POST",
       .pattern = "/png-info",
       .handler = calls(a1111_png_info),
       .body = kJson,
       .body_limit = kUploadBytes});
  add({.method = "POST",
       .pattern = "/extra-single-image",
       .handler = calls(a1111_extra_image),
       .body = kJson,
       .body_limit = kUploadBytes});
}

}  // namespace easel::server
