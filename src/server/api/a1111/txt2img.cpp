#include "server/api/a1111/txt2img.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "pipeline/drawing/editing_check.h"
#include "recipe/fields.h"
#include "recipe/values.h"
#include "server/api/a1111/overrides.h"
#include "server/api/a1111/sampler_names.h"
#include "server/api/a1111/scripts.h"
#include "server/api/a1111/second_pass.h"
#include "server/api/foreign.h"
#include "store/ulid.h"

namespace easel::server {
namespace {

// What this API takes for a random seed: nothing, an empty text, and -1 as a number or as a text.
bool is_random(const Json& seed) {
  if (seed.is_string()) {
    const std::string& text = seed.text();
    return text.empty() || text == "-1";
  }
  return seed.is_null() || seed == -1;
}

// What other programs write for nothing: 0 and below, where a number above is wanted.
bool is_unset(const Json& number) {
  return number == 0 || number == -1 || number == "" || number == "0" || number == "-1";
}

// Switches of that program that nothing here answers to.
void read_what_is_not_there(Fields& fields, std::vector<std::string>& notes) {
  if (fields.flag("restore_faces", false)) notes.emplace_back("restore_faces is not done here");
  const Json& styles = fields.raw("styles");
  if (styles.is_array() && !styles.empty()) notes.emplace_back("styles: none are kept here");
  const std::string refiner = fields.text("refiner_checkpoint", "", {.least = 0, .most = 400});
  if (!refiner.empty() && refiner != "None") notes.emplace_back("refiner_checkpoint is not used");
}

// This API has img2img, and words of its own, for pictures that begin at another one.
bool is_of_editing(const Field& field) {
  const Editing editing;
  bool found = false;
  visit_editing(editing, [&](const Field& row, const auto&) { found |= &row == &field; });
  return found;
}

// The request under Easel's own names, of what both have a word for.
Json own_names(Fields& fields) {
  Json own = Json::object();
  visit_rows([&](const Field& field) {
    // Easel's own name for what this API has no word for.
    const std::string_view name = field.webui.empty() ? field.json : field.webui;
    if (!field.asked || name.empty() || is_of_editing(field)) return;
    if (fields.has(name)) own[field.json] = fields.raw(name);
  });
  return own;
}

void read_sampler(Fields& fields, Json& own, std::vector<std::string>& notes) {
  const std::string old_name = fields.text("sampler_index", "", {.least = 0, .most = 100});
  std::string name = fields.text("sampler_name", old_name, {.least = 0, .most = 100});
  if (name.empty()) name = old_name;
  const SamplerWords words =
      sampler_words(name, fields.text("scheduler", "", {.least = 0, .most = 100}));
  const auto set = [&](const Field& field, const std::string& value) {
    own.erase(field.json);
    if (!value.empty()) own[field.json] = value;
  };
  set(fields::kSampler, words.sampler);
  set(fields::kSchedule, words.schedule);
  if (!words.unknown_schedule.empty()) {
    notes.push_back("scheduler: " + shown(words.unknown_schedule) +
                    " is not here, the sampler's own is taken");
  }
}

void read_seeds(Fields& fields, Json& own) {
  if (is_random(fields.raw("seed"))) own.erase("seed");
  const double strength = fields.number("subseed_strength", 0, 0, 1);
  if (strength <= 0) return;
  const Json& other = fields.raw("subseed");
  own["variation"] = {{"seed", is_random(other) ? Json(now_ms() & 0xffffffff) : other},
                      {"strength", strength}};
}

// How many pictures: batch_size at a time, n_iter times.
int read_count(Fields& fields, Txt2imgRequest& asked) {
  const auto batch = fields.integer("batch_size", 1, 1, kMaxCount);
  const auto rounds = fields.integer("n_iter", 1, 1, kMaxCount);
  asked.batch = static_cast<int>(batch);
  if (batch * rounds > kMaxCount) {
    fields.fault("n_iter", "batch_size * n_iter up to 16", "makes more than 16 pictures");
  }
  return static_cast<int>(std::min<std::int64_t>(batch * rounds, kMaxCount));
}

// A side that is no multiple of the model's is cut to one, as there.
void cut_side(const char* name, int multiple, Json& own, std::vector<std::string>& notes) {
  Fields fields(own, {.refuse_unknown = false, .from_text = true});
  const auto side = fields.integer(name, 0, 0, kMaxResultSide);
  if (side < multiple || side % multiple == 0) return;
  own[name] = side / multiple * multiple;
  notes.push_back(fmt::format("{} {} is cut to {}, a multiple of {}", name, side,
                              side / multiple * multiple, multiple));
}

// Settings that the model has no counterpart of are told, not refused: clients send them to all.
void fit_to_model(const Models& models, Json& own, std::vector<std::string>& notes) {
  const Models::Model* model = models.find(own.value("model", ""));
  if (model == nullptr || !model->probe) return;
  const ModelInfo& info = model->probe->info();
  for (const char* side : {"width", "height"}) {
    cut_side(side, std::max(info.size_multiple, 1), own, notes);
  }
  for (const char* name : {"clip_skip", "emphasis"}) {
    if (info.reads_signs || !own.contains(name)) continue;
    notes.push_back(std::string(name) + " means nothing to this model");
    own.erase(name);
  }
}

// The faults of Easel's reading, under the names that the client sent.
void take_renamed_faults(Fields& draw, Fields& fields) {
  try {
    draw.finish();
  } catch (const FaultsError& found) {
    for (const Fault& fault : found.faults()) {
      std::string name = fault.field, detail = fault.detail;
      if (const std::string theirs = second_pass_name(name); !theirs.empty()) name = theirs;
      visit_rows([&](const Field& field) {
        if (!field.webui.empty() && field.json == fault.field) name = field.webui;
      });
      if (detail.starts_with(fault.field + " ")) detail.erase(0, fault.field.size() + 1);
      fields.fault(name, fault.allowed, detail);
    }
  }
}

int multiple_of(const App& app, const DrawJob& draw) {
  const Models::Model* model = app.drawing.models.find(draw.recipe.model.name);
  return std::max(model->probe->info().size_multiple, 1);
}

}  // namespace

const Models::Model* model_titled(const Models& models, const std::string& title) {
  std::string name = title.substr(0, title.find(" ["));
  for (const char* ending : {"", ".safetensors", ".ckpt"}) {
    if (!name.ends_with(ending)) continue;
    const Models::Model* model =
        models.find(name.substr(0, name.size() - std::string_view(ending).size()));
    if (model != nullptr && model->probe) return model;
  }
  return nullptr;
}

Txt2imgRequest read_txt2img(App& app, const HttpRequest& request) {
  Txt2imgRequest asked{.body = parse_object(request.body), .draw = {}};
  Fields fields(asked.body, {.refuse_unknown = false, .from_text = true});
  Json own = own_names(fields);
  own.erase("model");  // is among the settings there
  own["count"] = read_count(fields, asked);
  read_sampler(fields, own, asked.notes);
  // Many clients send eta 0 for all samplers.
  if (is_unset(fields.raw("eta"))) own.erase("eta");
  read_seeds(fields, own);
  own.update(read_overrides(fields, app.drawing.a1111_settings, app.drawing.models, asked.notes));
  fit_to_model(app.drawing.models, own, asked.notes);
  if (fields.flag("tiling", false)) own["tile"] = "xy";
  const auto wanted = read_second_pass(fields, app, own, asked.notes);
  read_what_is_not_there(fields, asked.notes);
  if (read_scripts(fields, asked.notes)) own["wildcards"] = true;
  Fields draw(own, {.refuse_unknown = true, .from_text = true});
  asked.draw = parse_draw(draw, app.parsing());
  take_renamed_faults(draw, fields);
  if (wanted && *wanted != last_size(asked.draw.recipe, multiple_of(app, asked.draw))) {
    asked.draw.recipe.enlarging.result = *wanted;
  }
  asked.send = fields.flag("send_images", true);
  fields.finish();
  return asked;
}

}  // namespace easel::server
