#include <concepts>
#include <optional>
#include <string>

#include "core/json.h"
#include "core/sha256.h"
#include "recipe/fields.h"
#include "recipe/forms.h"
#include "recipe/pairs.h"
#include "recipe/values.h"

namespace easel {
namespace {

// What shows that nothing is said.
template <typename T>
Json nothing_of(const T& value) {
  return json_of(value);
}
Json nothing_of(GuidanceInterval) { return nullptr; }

const char* kind_of(const std::string&) { return "text"; }
const char* kind_of(std::same_as<bool> auto) { return "switch"; }
const char* kind_of(int) { return "integer"; }
const char* kind_of(const std::optional<int>&) { return "integer"; }
const char* kind_of(const std::optional<double>&) { return "number"; }
const char* kind_of(const std::optional<std::uint64_t>&) { return "seed"; }
const char* kind_of(DeepCache) { return "integer"; }
const char* kind_of(GuidanceInterval) { return "interval"; }
const char* kind_of(const std::optional<Variation>&) { return "variation"; }
const char* kind_of(Image::Size) { return "size"; }
const char* kind_of(const Extension&) { return "edges"; }
const char* kind_of(const std::vector<Enlarging>&) { return "enlargings"; }
const char* kind_of(const std::optional<GridSize>&) { return "grid"; }
const char* kind_of(const std::optional<SharedGenerator>&) { return "run"; }
const char* kind_of(const std::optional<Reached>&) { return "reached"; }

}  // namespace

Json to_json(const Recipe& recipe, Unsaid unsaid) {
  Json json = Json::object();
  visit_fields(recipe, [&](const Field& field, const auto& value) {
    if (field.json.empty()) return;
    if (is_said(value)) {
      json.add(std::string(field.json), json_of(value));
    } else if (unsaid == Unsaid::kShow && field.asked) {
      json.add(std::string(field.json), &field == &fields::kUpscale ? Json(1) : nothing_of(value));
    }
  });
  return json;
}

Json asked_of(const Recipe& recipe) {
  Json json = Json::object();
  visit_fields(recipe, [&](const Field& field, const auto& value) {
    if (field.asked && !field.json.empty() && is_said(value)) {
      json.add(std::string(field.json), json_of(value));
    }
  });
  return json;
}

Recipe recipe_from_json(const Json& json) {
  Recipe recipe;
  visit_fields(recipe, [&](const Field& field, auto& value) {
    if (!field.json.empty()) read_json(json[field.json], value);
  });
  mend(recipe);
  return recipe;
}

Json list_of_fields() {
  Json list = Json::array();
  const Recipe recipe;
  visit_fields(recipe, [&](const Field& field, const auto& value) {
    if (field.json.empty()) return;
    Json row = {{"name", field.json},
                {"title", field.title},
                {"kind", kind_of(value)},
                {"asked", field.asked},
                {"pixels", field.pixels}};
    if (field.least < field.most) {
      row.add("least", field.least);
      row.add("most", field.most);
    }
    list.push_back(std::move(row));
  });
  return list;
}

std::string hash_of(const Recipe& recipe, std::string_view more) {
  Json json = Json::object();
  visit_fields(recipe, [&](const Field& field, const auto& value) {
    if (field.pixels && !field.json.empty() && is_said(value)) {
      json.add(std::string(field.json), json_of(value));
    }
  });
  json.add("more", more);
  return sha256_hex(json.dump());
}

}  // namespace easel
