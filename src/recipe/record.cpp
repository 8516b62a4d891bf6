#include <utility>

#include "core/error.h"
#include "core/json.h"
#include "recipe/fields.h"
#include "recipe/forms.h"
#include "recipe/pairs.h"
#include "recipe/values.h"

namespace easel {
namespace {

constexpr std::size_t kMaxRecord = std::size_t{1} << 20;
constexpr const char* kProgram = "easel";

// The others are pairs of text in "extra", which every Easel keeps, whether it knows them or not.
bool is_member(const Field& field) {
  return !field.json.empty() && field.in_files && field.place < kExtraPlace;
}

void write_extra(const Provenance& provenance, Json& json) {
  for (const PlacedPair& pair : pairs_of(provenance.recipe)) {
    if (pair.place >= kExtraPlace) json["extra"][pair.key] = pair.value;
  }
  for (const auto& [key, value] : provenance.others) json["extra"][key] = value;
}

}  // namespace

Provenance by_easel(Recipe recipe) {
  return {.recipe = std::move(recipe), .version = "easel " EASEL_VERSION};
}

std::string to_record(const Provenance& provenance) {
  Json json = {{"program", kProgram}};
  if (!provenance.version.empty()) json.add("version", provenance.version);
  visit_fields(provenance.recipe, [&](const Field& field, const auto& value) {
    if (!is_member(field)) return;
    if (!is_said(value) && &field != &fields::kPrompt) return;
    Json said = json_of(value);
    if (&field == &fields::kSampler) said = sampler_title(said.text());
    if (&field == &fields::kSeed) said = *provenance.recipe.seed.seed;  // digits came later
    json.add(std::string(field.json), std::move(said));
  });
  write_extra(provenance, json);
  return json.dump({.ascii = true});
}

Provenance parse_record(std::string_view text) {
  if (text.size() > kMaxRecord) {
    fail(ErrorCode::kInvalidFile, "a picture's settings are {} bytes long, at most {} are read",
         text.size(), kMaxRecord);
  }
  const auto json = Json::try_parse(text);
  if (!json || (*json)["program"] != Json(kProgram)) {
    fail(ErrorCode::kInvalidFile, "these are no settings of Easel's");
  }
  Provenance provenance;
  visit_fields(provenance.recipe, [&](const Field& field, auto& value) {
    if (is_member(field)) read_json((*json)[field.json], value);
  });
  read_json((*json)["version"], provenance.version);
  for (const auto& [key, value] : (*json)["extra"].items()) {
    if (value.is_string()) provenance.others.emplace_back(key, value.text());
  }
  take_pairs(provenance.others, provenance.recipe);
  Diffusion& diffusion = diffusion_of(provenance.recipe);
  diffusion.sampler = sampler_id(diffusion.sampler);
  mend(provenance.recipe);
  return provenance;
}

}  // namespace easel
