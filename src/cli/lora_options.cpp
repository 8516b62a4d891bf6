#include "cli/lora_options.h"

#include <fmt/format.h>

#include <array>

#include "atelier/loras.h"
#include "core/edit_distance.h"
#include "core/error.h"
#include "core/printable.h"
#include "prompt/networks.h"

namespace easel::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::array kEndings = {"", ".safetensors", ".pt", ".ckpt", ".bin"};

fs::path find_lora(const std::string& wanted, const Places& places) {
  const InstalledLoras installed(places.data / "loras");
  std::error_code ignored;
  for (const char* ending : kEndings) {
    if (fs::is_regular_file(wanted + ending, ignored)) return wanted + ending;
  }
  if (const auto found = installed.find(wanted)) return *found;
  const std::string near = nearest(wanted, installed.names());
  fail(ErrorCode::kNotFound, "there is no LoRA '{}', neither as a file nor in '{}'{}",
       printable(wanted), installed.folder().string(),
       near.empty() ? "" : "; did you mean '" + near + "'?");
}

}  // namespace

LoraFile lora_of(const std::string& text, const Places& places) {
  const NamedLora lora = parse_lora(text);
  if (lora.name.empty()) {
    fail(ErrorCode::kUsage, "--lora wants FILE[:STRENGTH[:TEXT]], not '{}'", text);
  }
  return {.path = find_lora(lora.name, places), .strength = lora.strength};
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
