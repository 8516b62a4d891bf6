#include "server/api/a1111/overrides.h"

#include <algorithm>

#include "recipe/fields.h"
#include "server/api/a1111/txt2img.h"

namespace easel::server {
namespace {

void read_model_title(Fields& settings, const Models& models, Json& own,
                      std::vector<std::string>& notes) {
  const std::string title = settings.text("sd_model_checkpoint", "", {.least = 0, .most = 400});
  if (title.empty()) return;
  if (const Models::Model* model = model_titled(models, title)) {
    own["model"] = model->entry.name;
  } else {
    // That program, too, goes on with the model that is set.
    notes.push_back("override_settings: the model " + shown(title) + " is not installed");
  }
}

void read_emphasis(Fields& settings, Json& own, std::vector<std::string>& notes) {
  const std::string emphasis = settings.text("emphasis", "", {.least = 0, .most = 100});
  struct Name {
    std::string_view theirs, ours;
  };
  constexpr Name kNames[] = {
      {"Original", "original"}, {"No norm", "no-norm"}, {"Ignore", "ignore"}, {"None", "none"}};
  const auto* name = std::ranges::find(kNames, std::string_view(emphasis), &Name::theirs);
  if (name != std::end(kNames)) {
    own["emphasis"] = std::string(name->ours);
  } else if (!emphasis.empty()) {
    notes.push_back("override_settings: the emphasis " + shown(emphasis) + " is not known here");
  }
}

}  // namespace

Json own_settings(Fields& settings, const Models& models, std::vector<std::string>& notes) {
  Json own = Json::object();
  read_model_title(settings, models, own, notes);
  const auto skip =
      settings.integer("CLIP_stop_at_last_layers", 1, static_cast<int>(fields::kClipSkip.least),
                       static_cast<int>(fields::kClipSkip.most));
  if (skip > 1) own["clip_skip"] = skip;
  const auto delta = settings.integer("eta_noise_seed_delta", 0, 0, INT32_MAX);
  if (delta > 0) own["seed_delta"] = delta;
  read_emphasis(settings, own, notes);
  const std::string random = settings.text("randn_source", "CPU", {.least = 0, .most = 100});
  if (random == "NV") {
    notes.emplace_back("override_settings: randn_source is CPU here");
  }
  const std::string vae = settings.text("sd_vae", "Automatic", {.least = 0, .most = 400});
  if (vae != "Automatic" && vae != "None" && !vae.empty()) {
    notes.push_back("override_settings: sd_vae " + shown(vae) + " is not loaded here");
  }
  return own;
}

Json read_overrides(Fields& fields, const Json& set, const Models& models,
                    std::vector<std::string>& notes) {
  Json own = set;
  const Json& settings = fields.raw("override_settings");
  if (settings.is_null()) return own;
  if (!settings.is_object()) {
    fields.fault("override_settings", "an object of settings", "is no object");
    return own;
  }
  Fields inner(settings, {.refuse_unknown = false, .from_text = true}, "override_settings.");
  own.update(own_settings(inner, models, notes));
  fields.take_faults(inner);
  return own;
}

}  // namespace easel::server
