#include "cli/lora_options.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>

#include "cli/suggest.h"
#include "core/error.h"
#include "core/printable.h"
#include "prompt/networks.h"

namespace easel::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::array kEndings = {"", ".safetensors", ".pt", ".ckpt", ".bin"};

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Cuts ":0.8" off the end; nothing where there is no number.
std::optional<double> cut_strength(std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  const auto strength = number(std::string_view(text).substr(colon + 1));
  if (strength) text.resize(colon);
  return strength;
}

fs::path find_lora(const std::string& wanted, const Places& places) {
  const fs::path folder = places.data / "loras";
  std::error_code ignored;
  for (const char* ending : kEndings) {
    for (const fs::path& place : {fs::path(wanted + ending), folder / (wanted + ending)}) {
      if (fs::is_regular_file(place, ignored)) return place;
    }
  }
  std::vector<std::string> names;
  for (fs::directory_iterator it(folder, ignored), end; !ignored && it != end;
       it.increment(ignored)) {
    names.push_back(it->path().stem().string());
  }
  const std::string near = nearest(wanted, names);
  fail(ErrorCode::kNotFound, "there is no LoRA '{}', neither as a file nor in '{}'{}",
       printable(wanted), folder.string(), near.empty() ? "" : "; did you mean '" + near + "'?");
}

}  // namespace

LoraFile lora_of(const std::string& text, const Places& places) {
  std::string name = text;
  LoraStrength strength;
  if (const auto last = cut_strength(name)) {
    strength = {.unet = *last, .text_encoder = *last};
    if (const auto first = cut_strength(name)) strength.unet = *first;
  }
  if (name.empty()) fail(ErrorCode::kUsage, "--lora wants FILE[:STRENGTH[:TEXT]], not '{}'", text);
  return {.path = find_lora(name, places), .strength = strength};
}

std::vector<LoraFile> loras_in(const std::string& prompt, const Places& places) {
  std::vector<LoraFile> loras;
  for (const PromptNetwork& network : cut_networks(prompt).networks) {
    if (network.kind != "lora" && network.kind != "lyco") {
      fail(ErrorCode::kUnsupported, "the prompt asks for <{}:{}>, and Easel knows <lora:NAME:0.8>",
           printable(network.kind), printable(network.name));
    }
    loras.push_back({.path = find_lora(network.name, places),
                     .strength = {.unet = network.unet, .text_encoder = network.text_encoder}});
  }
  return loras;
}

std::string text_of(const LoraFile& lora) {
  const auto& [unet, text] = lora.strength;
  if (unet == text) return fmt::format("{}:{}", lora.path.string(), unet);
  return fmt::format("{}:{}:{}", lora.path.string(), unet, text);
}

}  // namespace easel::cli
