// Fooocus: JSON under "parameters" or in the UserComment; its other scheme is AUTOMATIC1111's text.

#include <algorithm>

#include "recipe/readers/programs.h"
#include "recipe/readers/told.h"

namespace easel::readers {
namespace {

constexpr Renamed kFooocusNames[] = {
    {"prompt", ""},
    {"Prompt", ""},
    {"negative_prompt", ""},
    {"Negative", ""},
    {"steps", "Steps"},
    {"seed", "Seed"},
    {"guidance_scale", "CFG scale"},
    {"cfg", "CFG scale"},
    {"resolution", ""},
    {"width", ""},
    {"height", ""},
    {"sampler", ""},
    {"sampler_name", ""},
    {"scheduler", ""},
    {"base_model", ""},
    {"base_model_name", ""},
    {"base_model_hash", "Model hash"},
    {"version", ""},
    {"software", ""},
};

// "(896, 1152)", as Python writes a pair, or a list: "896x1152".
std::string size_in(const Json& resolution) {
  std::string text = text_of(resolution);
  std::erase_if(text, [](char c) { return (c < '0' || c > '9') && c != ','; });
  const auto comma = text.find(',');
  if (comma != std::string::npos) text[comma] = 'x';
  return text;
}

std::string first_of(const Json& json, std::string_view one, std::string_view other) {
  const std::string text = text_of(json, one);
  return text.empty() ? text_of(json, other) : text;
}

}  // namespace

std::optional<Provenance> read_fooocus(const ImageMetadata& metadata) {
  const auto json = json_in(metadata.parameters);
  if (!json || !json->is_object()) return std::nullopt;
  // RuinedFooocus has names of its own.
  if (!json->contains("base_model") && !json->contains("base_model_name")) return std::nullopt;
  Told told{.prompt = first_of(*json, "prompt", "Prompt"),
            .negative = first_of(*json, "negative_prompt", "Negative"),
            .version = first_of(*json, "version", "software")};
  if (told.version.empty()) told.version = "Fooocus";
  told.add_sampler(first_of(*json, "sampler", "sampler_name"), text_of(*json, "scheduler"));
  told.add("Size", size_in((*json)["resolution"]));
  told.add_size((*json)["width"], (*json)["height"]);
  told.add_model(first_of(*json, "base_model", "base_model_name"));
  add_members(told, *json, kFooocusNames);
  if (const std::string* scheme = text_named(metadata, "fooocus_scheme")) {
    told.add("fooocus_scheme", *scheme);
  }
  return provenance_of(std::move(told));
}

}  // namespace easel::readers
