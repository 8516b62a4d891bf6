#include "server/api/a1111/txt2img.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "diffusion/samplers.h"
#include "image/schedules.h"
#include "recipe/fields.h"
#include "recipe/values.h"
#include "server/api/foreign.h"
#include "store/ulid.h"

namespace easel::server {
namespace {

// "DPM++ 2M" with scheduler "Karras" is one sampler here.
std::string sampler_name(const std::string& name, const std::string& scheduler) {
  try {
    return std::string(find_sampler(sampler_with_schedule(name, scheduler)).id);
  } catch (const Error&) {
    return name;
  }
}

// What this API takes for a random seed: nothing, an empty text, and -1 as a number or as a text.
bool is_random(const Json& seed) {
  if (seed.is_string()) {
    const std::string& text = seed.text();
    return text.empty() || text == "-1";
  }
  return seed.is_null() || seed == -1;
}

// The model that a request asks for instead of the one that is set.
std::string read_model(Fields& fields, const std::string& set) {
  const Json& settings = fields.raw("override_settings");
  if (settings.is_null()) return set;
  if (!settings.is_object()) {
    fields.fault("override_settings", "an object of settings", "is no object");
    return set;
  }
  Fields inner(settings, {.refuse_unknown = false, .from_text = true}, "override_settings.");
  std::string model = inner.text("sd_model_checkpoint", set, {.least = 0, .most = 200});
  fields.take_faults(inner);
  return model;
}

void read_high_resolution(Fields& fields, Recipe& recipe, const App& app) {
  if (!fields.flag("enable_hr", false)) return;
  const double factor = fields.number("hr_scale", 2, 1, kMaxUpscale);
  const auto width = static_cast<int>(fields.integer("hr_resize_x", 0, 0, kMaxResultSide));
  const auto height = static_cast<int>(fields.integer("hr_resize_y", 0, 0, kMaxResultSide));
  const Image::Size drawn = recipe.size;
  const Image::Size size{
      width > 0 ? width : static_cast<int>(std::lround(drawn.width * factor)),
      height > 0 ? height : static_cast<int>(std::lround(drawn.height * factor))};
  enlarge_to(recipe, size, app);
}

}  // namespace

Txt2imgRequest read_txt2img(App& app, const HttpRequest& request) {
  Txt2imgRequest asked{.body = parse_object(request.body), .draw = {}};
  Fields fields(asked.body, {.refuse_unknown = false, .from_text = true});
  const auto batch = fields.integer("batch_size", 1, 1, kMaxCount);
  const auto rounds = fields.integer("n_iter", 1, 1, kMaxCount);
  if (batch * rounds > kMaxCount) {
    fields.fault("n_iter", "batch_size * n_iter up to 16", "makes more than 16 pictures");
  }
  Json own = {{"count", std::min<std::int64_t>(batch * rounds, 16)}};
  visit_rows([&](const Field& field) {
    // Easel's own name for what this API has no word for.
    const std::string_view name = field.webui.empty() ? field.json : field.webui;
    if (field.asked && !name.empty() && fields.has(name)) own[field.json] = fields.raw(name);
  });
  const std::string old_name = fields.text("sampler_index", "", {.least = 0, .most = 100});
  const std::string name = fields.text("sampler_name", old_name, {.least = 0, .most = 100});
  const std::string scheduler = fields.text("scheduler", "", {.least = 0, .most = 100});
  if (!name.empty()) own["sampler"] = sampler_name(name, scheduler);
  // Many clients send eta 0 for all samplers.
  if (fields.raw("eta") == Json(0)) own.erase("eta");
  if (is_random(fields.raw("seed"))) own.erase("seed");
  const double strength = fields.number("subseed_strength", 0, 0, 1);
  if (strength > 0) {
    const Json& other = fields.raw("subseed");
    own["variation"] = {{"seed", is_random(other) ? Json(now_ms() & 0xffffffff) : other},
                        {"strength", strength}};
  }
  own["model"] = read_model(fields, app.drawing.a1111_model);
  DrawParsing parsing = app.parsing();
  Fields draw(own, {.refuse_unknown = true, .from_text = true});
  asked.draw = parse_draw(draw, parsing);
  fields.take_faults(draw);
  read_high_resolution(fields, asked.draw.recipe, app);
  asked.send = fields.flag("send_images", true);
  asked.batch = static_cast<int>(batch);
  fields.finish();
  return asked;
}

}  // namespace easel::server
