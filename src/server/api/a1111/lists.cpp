#include <unistd.h>

#include <algorithm>
#include <functional>

#include "core/available_memory.h"
#include "diffusion/noise_levels.h"
#include "diffusion/samplers.h"
#include "recipe/fields.h"
#include "server/api/a1111/a1111.h"
#include "server/api/a1111/overrides.h"
#include "server/api/a1111/txt2img.h"

namespace easel::server {
namespace {

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

Json scheduler_row(const std::string& name, const std::string& label) {
  return {{"name", name},
          {"label", label},
          {"aliases", nullptr},
          {"default_rho", -1.0},
          {"need_inner_model", false}};
}

Json scheduler_rows() {
  Json list = Json::array({scheduler_row("automatic", "Automatic")});
  for (const SpacingName& spacing : sigma_spacings()) {
    if (spacing.name.empty()) continue;
    std::string name(spacing.id);
    std::ranges::replace(name, '-', '_');
    list.push_back(scheduler_row(name, std::string(spacing.name)));
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

Json enlarger_row(const std::string& name, const Json& model, int scale) {
  return {{"name", name},
          {"model_name", model},
          {"model_path", nullptr},
          {"model_url", nullptr},
          {"scale", scale}};
}

Json lora_list(const App& app) {
  Json list = Json::array();
  for (const std::string& name : app.drawing.models.loras().names()) {
    list.push_back({{"name", name}, {"alias", name}, {"path", name}, {"metadata", Json::object()}});
  }
  return list;
}

Json enlarger_list(const App& app) {
  Json list = Json::array({enlarger_row("None", nullptr, 4)});
  for (const Enlarger& enlarger : app.drawing.engine.enlargers) {
    list.push_back(
        enlarger_row(enlarger.name, enlarger.name, enlarger.scale > 0 ? enlarger.scale : 4));
  }
  return list;
}

// The settings that clients read; what was set by POST is told again.
Json options_json(const App& app) {
  const Json& set = app.drawing.a1111_settings;
  const Models& models = app.drawing.models;
  Json options = {{"sd_model_checkpoint", set.value("model", models.default_model().entry.name)},
                  {"sd_checkpoint_hash", ""},
                  {"sd_vae", "Automatic"},
                  {"sd_hypernetwork", "None"},
                  {"CLIP_stop_at_last_layers", set.value("clip_skip", 1)},
                  {"eta_noise_seed_delta", set.value("seed_delta", 0)},
                  {"emphasis", "Original"},
                  {"randn_source", "CPU"},
                  {"samples_save", true},
                  {"samples_format", "png"},
                  {"grid_save", false},
                  {"return_grid", false},
                  {"enable_pnginfo", true},
                  {"live_previews_enable", true},
                  {"show_progress_every_n_steps", 1},
                  {"upscaler_for_img2img", nullptr},
                  {"face_restoration", false},
                  {"face_restoration_model", nullptr},
                  {"jpeg_quality", 80}};
  return options;
}

void set_options(App& app, const RequestPtr& request, const Respond& respond) {
  const Json body = parse_object(request->body);
  Fields fields(body, {.refuse_unknown = false, .from_text = true});
  const std::string title = fields.text("sd_model_checkpoint", "", {.least = 0, .most = 400});
  if (!title.empty() && model_titled(app.drawing.models, title) == nullptr) {
    fields.fault("sd_model_checkpoint", "a name of /sdapi/v1/sd-models",
                 "is " + shown(title) + ", which is not installed");
  }
  std::vector<std::string> ignored;
  const Json own = own_settings(fields, app.drawing.models, ignored);
  fields.finish();
  Json& set = app.drawing.a1111_settings;
  // A setting that is put back to "nothing" is no setting any more.
  for (const auto& [theirs, ours] : {std::pair{"CLIP_stop_at_last_layers", "clip_skip"},
                                     std::pair{"eta_noise_seed_delta", "seed_delta"}}) {
    if (fields.has(theirs)) set.erase(ours);
  }
  set.update(own);
  respond(json_response(nullptr));
}

Json memory_json() {
  const auto total = static_cast<std::int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGE_SIZE);
  const std::int64_t free = available_memory();
  return {{"ram", {{"free", free}, {"used", total - free}, {"total", total}}},
          {"cuda", {{"error", "unavailable"}}}};
}

}  // namespace

void add_a1111_lists(App& app) {
  const auto get = [&](const std::string& path, std::function<Json()> make) {
    app.web.router.add(
        {.method = "GET",
         .pattern = "/sdapi/v1" + path,
         .handler = [make = std::move(make)](const RequestPtr&, const Respond& respond) {
           respond(json_response(make()));
         }});
  };
  get("/samplers", sampler_rows);
  get("/schedulers", scheduler_rows);
  get("/sd-models", [&app] { return model_list(app); });
  get("/upscalers", [&app] { return enlarger_list(app); });
  get("/loras", [&app] { return lora_list(app); });
  get("/options", [&app] { return options_json(app); });
  // What there is none of here. Clients ask for all of these when they connect, and some give up on
  // the first that is no list.
  for (const char* name : {"/prompt-styles", "/latent-upscale-modes", "/sd-vae", "/sd-modules",
                           "/hypernetworks", "/face-restorers", "/realesrgan-models",
                           "/script-info", "/extensions", "/artists", "/artist-categories"}) {
    get(name, [] { return Json::array(); });
  }
  get("/embeddings", [] { return Json{{"loaded", Json::object()}, {"skipped", Json::object()}}; });
  get("/scripts", [] { return Json{{"txt2img", Json::array()}, {"img2img", Json::array()}}; });
  get("/cmd-flags", [] { return Json::object(); });
  get("/memory", memory_json);
  app.web.router.add(
      {.method = "POST",
       .pattern = "/sdapi/v1/options",
       .handler = [&app](const RequestPtr& request,
                         const Respond& respond) { set_options(app, request, respond); },
       .body = BodyKind::kJson});
}

}  // namespace easel::server
