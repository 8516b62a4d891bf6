// Small changes to a Stable Diffusion model: files of every kind, and what the model that lies
// beside the folder computes with them, `FILE@STRENGTH.unet` and `.context`, several joined by "+".

#include <gtest/gtest.h>

#include "backends.h"
#include "form.h"
#include "sd_networks.h"
#include "support/compare.h"

namespace easel::parity {
namespace {

namespace fs = std::filesystem;

bool recognises(const fs::path& folder) {
  return fs::exists(folder / "expected.safetensors") &&
         testing::Expected(folder / "expected.safetensors").has("base.unet");
}

/// "kohya@0.6+locon@0.5"
std::vector<LoraFile> loras_of(const fs::path& folder, const std::string& name) {
  std::vector<LoraFile> loras;
  for (std::size_t begin = 0; begin < name.size();) {
    const std::size_t end = std::min(name.find('+', begin), name.size());
    const std::string one = name.substr(begin, end - begin);
    const std::size_t at = one.find('@');
    const double strength = std::stod(one.substr(at + 1));
    loras.push_back({.path = folder / (one.substr(0, at) + ".safetensors"),
                     .strength = {.unet = strength, .text_encoder = strength}});
    begin = end + 1;
  }
  return loras;
}

// The model beside the folder whose denoiser computed `base`, without any change.
std::shared_ptr<const SdFixture> base_of(const fs::path& folder, const testing::Expected& changes) {
  for (const auto& entry : fs::directory_iterator(folder.parent_path())) {
    if (!stable_diffusion_form().recognises(entry.path())) continue;
    auto fixture = std::make_shared<SdFixture>(entry.path());
    if (fixture->networks == nullptr || fixture->model() == fixture->folder) continue;
    const auto& known = fixture->networks->tensors();
    const auto it = known.find("unet.out");
    if (it != known.end() &&
        testing::relative_rms(it->second.values, changes.at("base.unet").values) < 1e-6) {
      return fixture;
    }
  }
  throw std::runtime_error("no model beside " + folder.string() + " fits its changes");
}

// "NAME-as-peft…" are the changes of NAME in other spellings: the denoiser computes the same.
void add_other_spellings(std::vector<Case>& all, const fs::path& folder,
                         const std::shared_ptr<const SdFixture>& base,
                         const std::shared_ptr<const testing::Expected>& changes) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().stem().string();
    const std::size_t at = name.find("-as-peft");
    const std::string wanted = name.substr(0, at) + "@1.0.unet";
    if (at == std::string::npos || base == nullptr || !changes->has(wanted)) continue;
    auto fixture = std::make_shared<SdFixture>(*base);
    fixture->loras = {{.path = entry.path(), .strength = {}}};
    on_every_backend(all, name, [fixture, changes, wanted](const auto& which) {
      compare_denoiser_to(*fixture, "unet", changes->at(wanted).values, which);
    });
  }
}

std::vector<Case> cases(const fs::path& folder) {
  const auto changes = std::make_shared<const testing::Expected>(folder / "expected.safetensors");
  std::vector<Case> all;
  std::shared_ptr<const SdFixture> base;
  for (const std::string& name : changes->before(".unet")) {
    if (name == "base") continue;
    const std::vector<LoraFile> loras = loras_of(folder, name);
    if (base == nullptr) base = base_of(folder, *changes);
    auto fixture = std::make_shared<SdFixture>(*base);
    fixture->loras = loras;
    on_every_backend(all, name + ".unet", [fixture, changes, name](const auto& which) {
      compare_denoiser_to(*fixture, "unet", changes->at(name + ".unet").values, which);
    });
    if (!changes->has(name + ".context")) continue;
    on_every_backend(all, name + ".context", [fixture, changes, name](const auto& which) {
      compare_first_encodings(*fixture, changes->at(name + ".context"), which);
    });
  }
  add_other_spellings(all, folder, base, changes);
  return all;
}

}  // namespace

FixtureForm lora_form() { return {.name = "LoRA", .recognises = recognises, .cases = cases}; }

}  // namespace easel::parity
