#include "weights/changes/module_names.h"

#include <algorithm>
#include <array>

#include "weights/maps/hugging_face.h"

namespace easel {
namespace {

struct Part {
  std::string_view prefix;  // in the model
  std::string_view name;    // in the table
};
constexpr std::array kParts = {Part{"model.diffusion_model.", "unet|"},
                               Part{"text_encoder_2.", "te2|"}, Part{"text_encoder.", "te|"}};

struct Spelling {
  std::string_view prefix;  // in a file of changes
  std::string_view part;
};
constexpr std::array kSpellings = {
    Spelling{"lora_unet_", "unet|"},      Spelling{"lycoris_", "unet|"},
    Spelling{"lora_te1_", "te|"},         Spelling{"lora_te2_", "te2|"},
    Spelling{"lora_te_", "te|"},          Spelling{"unet.", "unet|"},
    Spelling{"text_encoder_2.", "te2|"},  Spelling{"text_encoder.", "te|"},
    Spelling{"diffusion_model.", "unet|"}};

std::string underscored(std::string_view name) {
  std::string out(name);
  std::ranges::replace(out, '.', '_');
  return out;
}

}  // namespace

ModuleNames::ModuleNames(const Weights& model) {
  const KeyTable hugging_face = unet_table_to_hugging_face(model, kParts.front().prefix);
  for (const auto& [name, entry] : model.entries()) {
    const std::string module = name.substr(0, name.rfind('.'));
    for (const Part& part : kParts) {
      if (!module.starts_with(part.prefix)) continue;
      const std::string_view path = std::string_view(module).substr(part.prefix.size());
      add(part.name, path, module);
      if (&part == &kParts.front()) add(part.name, hugging_face(path), module);
      break;
    }
  }
}

void ModuleNames::add(std::string_view part, std::string_view path, const std::string& module) {
  modules_.emplace(std::string(part) + underscored(path), module);
}

std::optional<std::string> ModuleNames::find(std::string_view name) const {
  constexpr std::string_view kWrapped = "base_model.model.";
  if (name.starts_with(kWrapped)) name.remove_prefix(kWrapped.size());
  const auto look_up = [&](std::string_view part,
                           std::string_view path) -> std::optional<std::string> {
    const auto it = modules_.find(std::string(part) + underscored(path));
    return it == modules_.end() ? std::nullopt : std::optional(it->second);
  };
  for (const Spelling& spelling : kSpellings) {
    if (name.starts_with(spelling.prefix)) {
      return look_up(spelling.part, name.substr(spelling.prefix.size()));
    }
  }
  if (auto module = look_up("unet|", name)) return module;
  return look_up("te|", name);
}

}  // namespace easel
