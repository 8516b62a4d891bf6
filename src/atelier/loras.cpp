#include "atelier/loras.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>

#include "core/error.h"
#include "core/printable.h"
#include "prompt/networks.h"

namespace easel {
namespace {

namespace fs = std::filesystem;

constexpr std::array kLoraEndings = {".safetensors", ".pt", ".ckpt", ".bin"};

std::optional<double> finite_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Cuts ":0.8" off the end; nothing where there is no number.
std::optional<double> cut_strength(std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  const auto strength = finite_number(std::string_view(text).substr(colon + 1));
  if (strength) text.resize(colon);
  return strength;
}

bool has_lora_ending(const fs::path& file) {
  return std::ranges::find(kLoraEndings, file.extension().string()) != kLoraEndings.end();
}

}  // namespace

NamedLora parse_lora(std::string_view text) {
  NamedLora lora{.name = std::string(text)};
  if (const auto last = cut_strength(lora.name)) {
    lora.strength = {.unet = *last, .text_encoder = *last};
    if (const auto first = cut_strength(lora.name)) lora.strength.unet = *first;
  }
  return lora;
}

std::vector<std::string> InstalledLoras::names() const {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(folder_, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    const std::string name =
        it->is_directory(ignored) ? it->path().filename().string() : it->path().stem().string();
    if (name.starts_with('.') || !find(name)) continue;
    names.push_back(name);
  }
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::optional<fs::path> InstalledLoras::find(std::string_view name) const {
  const fs::path plain(name);
  if (folder_.empty() || name.empty() || plain.filename() != plain || name.starts_with('.')) {
    return std::nullopt;
  }
  std::error_code ignored;
  if (has_lora_ending(plain) && fs::is_regular_file(folder_ / plain, ignored)) {
    return folder_ / plain;
  }
  for (const char* ending : kLoraEndings) {
    const std::string file = std::string(name) + ending;
    for (const fs::path& place : {folder_ / file, folder_ / plain / file}) {
      if (fs::is_regular_file(place, ignored)) return place;
    }
  }
  return std::nullopt;
}

std::vector<LoraFile> loras_of(const Recipe& recipe, const InstalledLoras& installed,
                               bool reads_signs) {
  std::vector<LoraFile> loras;
  std::istringstream list(recipe.model.loras);
  for (std::string one; std::getline(list, one, ',');) {
    const NamedLora lora = parse_lora(one);
    const auto path = installed.find(lora.name);
    if (!path) {
      fail(ErrorCode::kNotFound, "there is no LoRA '{}' among those installed",
           printable(lora.name));
    }
    loras.push_back({.path = *path, .strength = lora.strength});
  }
  if (!reads_signs || diffusion_of(recipe).reading.syntax == "plain") return loras;
  for (const PromptNetwork& network : cut_networks(recipe.prompt).networks) {
    const auto path = installed.find(network.name);
    if (!path || (network.kind != "lora" && network.kind != "lyco")) continue;
    loras.push_back(
        {.path = *path, .strength = {.unet = network.unet, .text_encoder = network.text_encoder}});
  }
  return loras;
}

}  // namespace easel
