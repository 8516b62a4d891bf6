#include <type_traits>
#include <utility>

#include "core/error.h"
#include "core/json.h"
#include "image/settings.h"

namespace easel {
namespace {

constexpr std::size_t kMaxRecord = std::size_t{1} << 20;

std::string string_at(const Json& json, const char* key) {
  const Json& value = json[key];
  return value.is_string() ? value.text() : std::string();
}

template <typename Number>
std::optional<Number> number_at(const Json& json, const char* key) {
  const Json* found = json.find(key);
  if (found == nullptr || !found->is_number()) return std::nullopt;
  if constexpr (std::is_floating_point_v<Number>) {
    return found->get<Number>();
  } else if (found->is_unsigned()) {
    const auto value = found->get<std::uint64_t>();
    if (!std::in_range<Number>(value)) return std::nullopt;
    return static_cast<Number>(value);
  }
  return std::nullopt;
}

}  // namespace

std::string to_json(const Settings& settings) {
  Json json{{"program", "easel"}};
  const auto add = [&](const char* key, const std::string& value) {
    if (!value.empty()) json[key] = value;
  };
  const auto add_number = [&](const char* key, const auto& value) {
    if (value) json[key] = *value;
  };
  add("version", settings.version);
  json["prompt"] = settings.prompt;
  add("negative", settings.negative);
  add_number("steps", settings.steps);
  add("sampler", settings.sampler);
  add_number("scale", settings.scale);
  add_number("eta", settings.eta);
  add_number("seed", settings.seed);
  add("rng", settings.rng);
  add_number("width", settings.width);
  add_number("height", settings.height);
  add("model", settings.model);
  add("model_sha256", settings.model_sha256);
  add("precision", settings.precision);
  for (const auto& [key, value] : settings.extra) json["extra"][key] = value;
  return json.dump({.ascii = true});
}

Settings from_json(std::string_view text) {
  if (text.size() > kMaxRecord) {
    fail(ErrorCode::kInvalidFile, "a picture's settings are {} bytes long, at most {} are read",
         text.size(), kMaxRecord);
  }
  const auto json = Json::try_parse(text).value_or(nullptr);
  if (!json.is_object() || string_at(json, "program") != "easel") {
    fail(ErrorCode::kInvalidFile, "these are no settings of Easel's");
  }
  Settings settings;
  settings.prompt = string_at(json, "prompt");
  settings.negative = string_at(json, "negative");
  settings.steps = number_at<int>(json, "steps");
  settings.sampler = string_at(json, "sampler");
  settings.scale = number_at<double>(json, "scale");
  settings.eta = number_at<double>(json, "eta");
  settings.seed = number_at<std::uint64_t>(json, "seed");
  settings.rng = string_at(json, "rng");
  settings.width = number_at<int>(json, "width");
  settings.height = number_at<int>(json, "height");
  settings.model = string_at(json, "model");
  settings.model_sha256 = string_at(json, "model_sha256");
  settings.precision = string_at(json, "precision");
  settings.version = string_at(json, "version");
  for (const auto& [key, value] : json["extra"].items()) {
    if (value.is_string()) settings.extra.emplace_back(key, value.text());
  }
  return settings;
}

}  // namespace easel
