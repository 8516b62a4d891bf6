#include "atelier/draw_job.h"

#include <unistd.h>

#include <algorithm>
#include <random>
#include <utility>

#include "atelier/editing_request.h"
#include "atelier/wildcards.h"
#include "core/error.h"
#include "diffusion/noise_levels.h"
#include "diffusion/samplers.h"
#include "pipeline/drawing/editing_check.h"
#include "pipeline/drawing/recipe_check.h"
#include "recipe/fields.h"
#include "recipe/forms.h"
#include "recipe/values.h"

namespace easel {
namespace {

std::string names_of_models(const Models& models) {
  std::string names;
  for (const Models::Model& model : models.all()) {
    names += (names.empty() ? "" : ", ") + model.entry.name;
  }
  return names;
}

// The model that was asked for; the default one where that is a fault.
const Models::Model& read_model(Fields& fields, const Models& models) {
  const char* name = "model";
  const std::string wanted = fields.text(name, "", {.least = 0, .most = 200});
  const Models::Model* model = models.find(wanted);
  if (model == nullptr) {
    fields.fault(name, names_of_models(models), "is " + shown(wanted) + ", which is not installed");
  } else if (!model->probe) {
    fields.fault(name, names_of_models(models), "cannot be used: " + model->error);
  } else {
    return *model;
  }
  return models.default_model();
}

int most_steps(const ModelInfo& info) { return std::clamp(info.schedule_steps, 1, kMaxSteps); }
int most_side(const ModelInfo& info) {
  return std::min(kMaxSide, info.max_side > 0 ? info.max_side : kMaxSide);
}

// Reads every setting that a client may ask for, within its row's bounds or the model's.
class Reader {
 public:
  Reader(Fields& fields, const ModelInfo& info, bool needs_prompt)
      : fields_(fields), info_(info), needs_prompt_(needs_prompt) {}

  template <typename T>
  void operator()(const Field& field, T& into) {
    if (field.asked && !field.json.empty() && &field != &fields::kModel) read(field, into);
  }

 private:
  void read(const Field& field, std::string& into) {
    const bool needed = &field == &fields::kPrompt && needs_prompt_;
    into = fields_.text(
        field.json, "",
        {.least = needed ? std::size_t{1} : 0, .most = static_cast<std::size_t>(field.most)});
    check_choice(field, into);
  }
  void check_choice(const Field& field, const std::string& word) {
    if (field.choices.empty() || word.empty()) return;
    std::string allowed;
    for (std::string_view rest = field.choices; !rest.empty();) {
      const std::string_view one = rest.substr(0, rest.find(' '));
      if (one == word) return;
      allowed += (allowed.empty() ? "" : ", ") + std::string(one);
      rest.remove_prefix(std::min(rest.size(), one.size() + 1));
    }
    fields_.fault(field.json, allowed, "is " + shown(word) + ", wanted is one of " + allowed);
  }
  void read(const Field& field, bool& into) { into = fields_.flag(field.json, false); }
  void read(const Field& field, std::optional<int>& into) {
    const int most = &field == &fields::kSteps ? most_steps(info_) : static_cast<int>(field.most);
    const auto least = static_cast<int>(field.least);
    const auto value = static_cast<int>(fields_.integer(field.json, least, least, most));
    if (fields_.has(field.json)) into = value;
  }
  void read(const Field& field, int& side) {
    const int most = most_side(info_), multiple = std::max(info_.size_multiple, 1);
    side = static_cast<int>(fields_.integer(field.json, 0, multiple, most));
    if (side % multiple == 0) return;
    fields_.fault(field.json,
                  "multiples of " + std::to_string(multiple) + " up to " + std::to_string(most),
                  "is " + std::to_string(side) + ", not a multiple of " + std::to_string(multiple));
  }
  void read(const Field& field, std::optional<double>& into) {
    if (&field == &fields::kUpscale) {
      const auto factor = fields_.integer(field.json, 1, 1, kMaxUpscale);
      if (factor > 1) into = static_cast<double>(factor);
      return;
    }
    const double value = fields_.number(field.json, field.least, field.least, field.most);
    if (fields_.has(field.json)) into = value;
  }
  void read(const Field& field, std::optional<std::uint64_t>& into) {
    into = fields_.seed(field.json);
    if (into || &field != &fields::kSeed) return;
    into = fields_.has(field.json) ? 0 : std::random_device{}();
  }
  void read(const Field& field, DeepCache& into) {
    const auto least = static_cast<int>(field.least), most = static_cast<int>(field.most);
    into.every = static_cast<int>(fields_.integer(field.json, least, least, most));
  }
  void read(const Field& field, GuidanceInterval& into) { read_worded(field, into); }
  void read(const Field& field, Extension& into) { read_worded(field, into); }
  template <typename T>
  void read_worded(const Field& field, T& into) {
    const std::string text = fields_.text(field.json, "", {.least = 0, .most = 100});
    if (text.empty() || read_text(text, into)) return;
    fields_.fault(field.json, std::string(field.wanted),
                  "is " + shown(text) + ", wanted is " + std::string(field.wanted));
  }
  void read(const Field& field, std::optional<Variation>& into) {
    const Json& value = fields_.raw(field.json);
    if (value.is_null()) return;
    if (!value.is_object()) {
      fields_.fault(field.json, "an object of seed and strength", "is no object");
      return;
    }
    Fields inner(value, {}, std::string(field.json) + ".");
    into = Variation{.seed = inner.seed("seed").value_or(0),
                     .strength = inner.number("strength", field.least, field.least, field.most)};
    if (!inner.has("seed")) inner.fault("seed", "0 to 2^64 - 1", "is missing");
    if (!inner.has("strength")) inner.fault("strength", "0 to 1", "is missing");
    fields_.take_faults(inner);
  }
  // What is only told, never asked for.
  void read(const Field&, Image::Size&) {}
  void read(const Field&, std::vector<Enlarging>&) {}
  void read(const Field&, std::optional<GridSize>&) {}
  void read(const Field&, std::optional<Reached>&) {}
  void read(const Field&, std::optional<SharedGenerator>&) {}

  Fields& fields_;
  const ModelInfo& info_;
  bool needs_prompt_;
};

void check_sampler(Fields& fields, const ModelInfo& info, Diffusion& diffusion) {
  std::string allowed;
  for (const Sampler& sampler : samplers()) {
    allowed += (allowed.empty() ? "" : ", ") + std::string(sampler.id);
  }
  const Sampler* sampler = &find_sampler(info.defaults.sampler);
  try {
    if (!diffusion.sampler.empty()) sampler = &find_sampler(diffusion.sampler);
  } catch (const Error& error) {
    fields.fault("sampler", allowed, "is " + shown(diffusion.sampler) + ": " + error.what());
  }
  diffusion.sampler = sampler->id;
  if (diffusion.eta == sampler->default_eta) diffusion.eta.reset();
  if (!sampler->takes_eta && diffusion.eta) {
    fields.fault(
        "eta", "0",
        "is " + shown(*diffusion.eta) + ", but the sampler " + diffusion.sampler + " takes none");
  }
}

void check_schedule(Fields& fields, const std::string& schedule) {
  if (schedule.empty() || schedule == "automatic" || schedule == "Automatic") return;
  try {
    sigma_spacing_named(schedule);
  } catch (const Error& error) {
    std::string allowed = "automatic";
    for (const SpacingName& spacing : sigma_spacings()) allowed += ", " + std::string(spacing.id);
    fields.fault("schedule", allowed, "is " + shown(schedule) + ": " + error.what());
  }
}

double usual_eta(const Diffusion& diffusion) {
  try {
    return find_sampler(diffusion.sampler).default_eta;
  } catch (const Error&) {
    return 0;  // another program's sampler
  }
}

void check_enlarging(Fields& fields, const std::vector<Enlarger>& enlargers, Recipe& recipe) {
  Enlarging& enlarging = recipe.enlarging;
  const Enlarger* chosen = find_enlarger(enlargers, enlarging.upscaler);
  if (chosen == nullptr) {
    fields.fault("upscaler", names_of(enlargers),
                 "is " + shown(enlarging.upscaler) + ", which there is not");
  }
  enlarging.upscaler = enlarging.factor && chosen != nullptr ? chosen->name : "";
  const double second = diffusion_of(recipe).second_pass.scale.value_or(1);
  const int longest = static_cast<int>(std::max(recipe.size.width, recipe.size.height) * second);
  if (longest * enlarging.factor.value_or(1) > kMaxResultSide) {
    fields.fault("upscale", "1 to " + std::to_string(kMaxResultSide / longest),
                 "makes pictures larger than " + std::to_string(kMaxResultSide) + " pixels a side");
  }
}

// Each by a name that is installed.
void check_loras(Fields& fields, const Recipe& recipe, const InstalledLoras& installed) {
  try {
    loras_of(recipe, installed, false);
  } catch (const Error& error) {
    std::string names;
    for (const std::string& name : installed.names()) names += (names.empty() ? "" : ", ") + name;
    fields.fault("loras", names.empty() ? "none is installed" : names,
                 "is " + shown(recipe.model.loras) + ": " + error.what());
  }
}

void check_work(Fields& fields, const DrawJob& job) {
  const Image::Size size = job.recipe.size;
  const int steps = diffusion_of(job.recipe).steps.value_or(1);
  const std::int64_t a_step = std::int64_t{size.width} * size.height * job.count;
  const SecondPass& second = diffusion_of(job.recipe).second_pass;
  const double again = second.scale.value_or(0) * second.scale.value_or(0) *
                       static_cast<double>(a_step) * second.steps.value_or(steps);
  if (static_cast<double>(a_step * steps) + again <= static_cast<double>(kMaxWork)) return;
  const std::int64_t most = std::max<std::int64_t>(kMaxWork / a_step, 1);
  fields.fault("steps", "1 to " + std::to_string(most) + " at this size and count",
               "is " + std::to_string(steps) + ": width * height * steps * count is above " +
                   std::to_string(kMaxWork));
}

}  // namespace

DrawJob parse_draw(Fields& fields, const DrawParsing& parsing) {
  DrawJob job;
  Recipe& recipe = job.recipe;
  const Models::Model& model = read_model(fields, parsing.models);
  const ModelInfo& info = model.probe->info();
  visit_fields(recipe, Reader(fields, info, parsing.needs_prompt));
  check_given_pictures(fields, parsing, info, recipe);
  recipe.model.name = model.entry.name;
  recipe.arithmetic = model.probe->arithmetic();
  recipe = with_defaults(std::move(recipe), info);
  job.count = static_cast<int>(fields.integer("count", 1, 1, kMaxCount));
  check_sampler(fields, info, diffusion_of(recipe));
  check_schedule(fields, diffusion_of(recipe).schedule);
  check_editing(fields, parsing.enlargers, info, most_side(info), recipe);
  check_enlarging(fields, parsing.enlargers, recipe);
  check_loras(fields, recipe, parsing.models.loras());
  check_words(fields, recipe, job.count, parsing.wildcards);
  check_work(fields, job);
  return job;
}

void check_with_model(const DrawJob& job, const Models& models) {
  const Models::Model* model = models.find(job.recipe.model.name);
  if (model == nullptr || !model->probe) {
    fail(ErrorCode::kNotFound, "model '{}' is not installed", job.recipe.model.name);
  }
  if (is_blank(job.recipe.prompt) && !begins_at_picture(job.recipe)) {
    fail(ErrorCode::kUsage, "the prompt is empty: say what to draw");
  }
  const std::int64_t needed = model->probe->memory_needed(job.recipe, {.count = job.count});
  const std::int64_t there =
      static_cast<std::int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGE_SIZE);
  if (needed > there) {
    fail(ErrorCode::kNoMemory,
         "drawing this takes {} MB of memory, this computer has {} MB: fewer or smaller pictures "
         "take less",
         needed / 1'000'000, there / 1'000'000);
  }
}

double eta_of(const Recipe& recipe) {
  const Diffusion& diffusion = diffusion_of(recipe);
  return diffusion.eta.value_or(usual_eta(diffusion));
}

Json to_json(const DrawJob& job) {
  Json json = to_json(job.recipe, Unsaid::kShow);
  json["eta"] = eta_of(job.recipe);
  json["count"] = job.count;
  return json;
}

DrawJob draw_job_from_json(const Json& json) {
  DrawJob job{.recipe = recipe_from_json(json), .count = json.value("count", 1)};
  Recipe& recipe = job.recipe;
  // Easel 0.1 wrote two numbers, and 1 for what is not enlarged.
  if (json.contains("final_width")) {
    recipe.enlarging.result = {json.value("final_width", 0), json.value("final_height", 0)};
  }
  if (recipe.enlarging.factor == 1.0) recipe.enlarging.factor.reset();
  if (diffusion_of(recipe).eta == usual_eta(diffusion_of(recipe))) diffusion_of(recipe).eta.reset();
  return job;
}

}  // namespace easel
