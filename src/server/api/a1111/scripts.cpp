#include "server/api/a1111/scripts.h"

#include <algorithm>
#include <string_view>

namespace easel::server {
namespace {

// In every AUTOMATIC1111: modules/processing_scripts and extensions-builtin.
constexpr std::string_view kBuiltIn[] = {"comments", "extra options", "hypertile",      "refiner",
                                         "sampler",  "seed",          "soft inpainting"};

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  return out;
}

// An argument that turns a script, or one of its units, off.
bool turns_off(const Json& argument) {
  if (argument.is_object()) {
    const Json& enabled = argument["enabled"];
    return enabled == Json(false) || argument["enable"] == Json(false);
  }
  return argument.is_null();
}

// Whether a script's entry asks for anything: [] and [false, …] do not, and neither do units that
// are all turned off, which is how plug-ins send ControlNet's.
bool asks(const Json& entry) {
  const Json& arguments = entry.is_object() ? entry["args"] : entry;
  if (arguments.empty()) return false;
  if (arguments.is_array() && arguments[0] == Json(false)) return false;
  return !std::all_of(arguments.begin(), arguments.end(), turns_off);
}

// The extension whose syntax prompt/alternatives.h reads: "Dynamic Prompts v2.17.1".
bool is_dynamic_prompts(std::string_view script) {
  return lower_case(script).starts_with("dynamic prompts");
}

// What else it can be asked for, by the places of its arguments: combinatorial, magic prompt, I'm
// feeling lucky, attention grabber.
constexpr std::size_t kOtherArguments[] = {1, 3, 4, 5};

void note_other_arguments(const Json& entry, std::vector<std::string>& notes) {
  const Json& arguments = entry.is_object() ? entry["args"] : entry;
  if (!arguments.is_array()) return;
  const bool asked = std::ranges::any_of(kOtherArguments, [&](std::size_t at) {
    return at < arguments.size() && arguments[at] == Json(true);
  });
  if (asked) notes.emplace_back("alwayson_scripts: of dynamic prompts the seed's choice is made");
}

}  // namespace

bool read_scripts(Fields& fields, std::vector<std::string>& notes) {
  const std::string name = fields.text("script_name", "", {.least = 0, .most = 200});
  if (!name.empty() && lower_case(name) != "none") {
    fields.fault("script_name", "none", "is " + shown(name) + ": there are no scripts here");
  }
  const Json& scripts = fields.raw("alwayson_scripts");
  if (scripts.is_null() || (scripts.is_array() && scripts.empty())) return false;
  if (!scripts.is_object()) {
    fields.fault("alwayson_scripts", "an object of scripts", "is no object");
    return false;
  }
  bool dynamic_prompts = false;
  for (const auto& [script, entry] : scripts.items()) {
    if (!asks(entry)) continue;
    if (is_dynamic_prompts(script)) {
      dynamic_prompts = true;
      note_other_arguments(entry, notes);
      continue;
    }
    if (std::ranges::find(kBuiltIn, lower_case(script)) != std::end(kBuiltIn)) {
      notes.push_back("alwayson_scripts: " + shown(script) + " is not applied here");
      continue;
    }
    fields.fault("alwayson_scripts", "scripts that are turned off",
                 "asks for " + shown(script) + ": there are no scripts here");
  }
  return dynamic_prompts;
}

}  // namespace easel::server
