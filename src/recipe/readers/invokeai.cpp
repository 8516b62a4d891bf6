// InvokeAI: JSON under "invokeai_metadata" (since 3.0), under "sd-metadata" (2.x), and before that
// a command line under "Dream".

#include <algorithm>
#include <cctype>

#include "recipe/readers/programs.h"
#include "recipe/readers/told.h"

namespace easel::readers {
namespace {

constexpr Renamed kInvokeNames[] = {
    {"positive_prompt", ""}, {"negative_prompt", ""},    {"steps", "Steps"},
    {"seed", "Seed"},        {"cfg_scale", "CFG scale"}, {"width", ""},
    {"height", ""},          {"scheduler", ""},          {"model", ""},
    {"app_version", ""},     {"clip_skip", "Clip skip"},
};
constexpr Renamed kOldImage[] = {
    {"prompt", ""}, {"steps", "Steps"}, {"seed", "Seed"}, {"cfg_scale", "CFG scale"},
    {"width", ""},  {"height", ""},     {"sampler", ""},
};
constexpr Renamed kOldOutside[] = {
    {"image", ""}, {"model_weights", ""}, {"model_hash", "Model hash"}, {"app_version", ""}};
constexpr Renamed kSwitches[] = {{"s", "Steps"}, {"S", "Seed"}, {"C", "CFG scale"},
                                 {"W", ""},      {"H", ""},     {"A", ""}};

// Its names end with _k where the schedule is Karras'.
void add_scheduler(Told& told, std::string name) {
  const bool karras = name.ends_with("_k");
  if (karras) name.resize(name.size() - 2);
  told.add_sampler(name, karras ? "Karras" : "");
}

void add_model(Told& told, const Json& model) {
  if (model.is_string()) return told.add_model(model.text());
  const std::string name = text_of(model, "model_name");
  told.add_model(name.empty() ? text_of(model, "name") : name);
  if (model.is_object()) told.add_json("InvokeAI model", model);
}

// "a cat [dog, fog]": what stands in brackets is the negative prompt.
void split_prompt(std::string_view text, Told& told) {
  while (!text.empty()) {
    const auto open = text.find('['), close = text.find(']', open == text.npos ? 0 : open);
    if (open == text.npos || close == text.npos) break;
    told.prompt += text.substr(0, open);
    if (!told.negative.empty()) told.negative += ", ";
    told.negative += text.substr(open + 1, close - open - 1);
    text.remove_prefix(close + 1);
  }
  told.prompt += text;
  while (told.prompt.ends_with(' ')) told.prompt.pop_back();
}

std::string version_of(const Json& json) {
  const std::string version = text_of(json, "app_version");
  return version.empty() ? "InvokeAI" : "InvokeAI " + version;
}

Provenance new_metadata(const Json& json) {
  Told told{.prompt = text_of(json, "positive_prompt"),
            .negative = text_of(json, "negative_prompt"),
            .version = version_of(json)};
  add_scheduler(told, text_of(json, "scheduler"));
  told.add_size(json["width"], json["height"]);
  add_model(told, json["model"]);
  add_members(told, json, kInvokeNames);
  return provenance_of(std::move(told));
}

Provenance old_metadata(const Json& json) {
  const Json& image = json["image"];
  Told told{.version = version_of(json)};
  const Json& prompt = image["prompt"];
  if (prompt.is_array() && !prompt.empty()) {
    for (const Json& part : prompt) split_prompt(text_of(part, "prompt"), told);
  } else {
    split_prompt(text_of(prompt), told);
  }
  add_scheduler(told, text_of(image, "sampler"));
  told.add_size(image["width"], image["height"]);
  told.add_model(text_of(json, "model_weights"));
  add_members(told, image, kOldImage);
  add_members(told, json, kOldOutside);
  return provenance_of(std::move(told));
}

// "-s", "50" pairs behind the prompt.
Json switches_in(std::string_view text) {
  Json said = Json::object();
  std::string key;
  while (!text.empty()) {
    const auto begin = text.find_first_not_of(' ');
    if (begin == text.npos) break;
    const auto end = std::min(text.find(' ', begin), text.size());
    const std::string_view word = text.substr(begin, end - begin);
    text.remove_prefix(end);
    const bool is_switch =
        word.size() > 1 && word[0] == '-' && std::isdigit(static_cast<unsigned char>(word[1])) == 0;
    if (is_switch) {
      const std::size_t dashes = word.starts_with("--") ? 2 : 1;
      key = word.substr(dashes, dashes == 1 ? 1 : word.npos);
      said[key] = std::string(word.substr(std::min(word.size(), dashes + key.size())));
    } else if (!key.empty()) {
      said[key] = std::string(word);
      key.clear();
    }
  }
  return said;
}

std::optional<Provenance> dream(std::string_view text) {
  const auto open = text.find('"'), close = text.rfind('"');
  if (open == text.npos || close <= open) return std::nullopt;
  Told told{.version = "InvokeAI"};
  split_prompt(text.substr(open + 1, close - open - 1), told);
  const Json said = switches_in(text.substr(close + 1));
  if (!said.contains("s") && !said.contains("S")) return std::nullopt;
  add_scheduler(told, text_of(said, "A"));
  told.add_size(said["W"], said["H"]);
  add_members(told, said, kSwitches);
  return provenance_of(std::move(told));
}

}  // namespace

std::optional<Provenance> read_invokeai(const ImageMetadata& metadata) {
  const auto json_named = [&](std::string_view key) {
    const std::string* text = text_named(metadata, key);
    auto json = text == nullptr ? std::nullopt : json_in(*text);
    return json && json->is_object() ? json : std::nullopt;
  };
  if (const auto json = json_named("invokeai_metadata")) return new_metadata(*json);
  if (const auto json = json_named("sd-metadata")) return old_metadata(*json);
  for (const char* key : {"Dream", "dream"}) {
    const std::string* text = text_named(metadata, key);
    if (text == nullptr) continue;
    if (auto provenance = dream(*text)) return provenance;
  }
  return std::nullopt;
}

}  // namespace easel::readers
