// Stable Diffusion 1, 2 and XL: a single file or a Hugging Face folder, expected.safetensors, and
// what AUTOMATIC1111 drew, a1111.safetensors.

#include <gtest/gtest.h>

#include "backends.h"
#include "form.h"
#include "sd_networks.h"
#include "sd_runs.h"

namespace easel::parity {
namespace {

namespace fs = std::filesystem;

bool recognises(const fs::path& folder) {
  if (!fs::exists(folder / "expected.safetensors")) return false;
  const auto says = [&](const char* file, std::string_view word) {
    return fs::exists(folder / file) &&
           testing::read_text(folder / file).find(word) != std::string::npos;
  };
  return says("config.yaml", "CLIPEmbedder") || says("config.yaml", "OpenCLIP") ||
         says("config.yaml", "GeneralConditioner") || says("model_index.json", "StableDiffusion");
}

using Shared = std::shared_ptr<const SdFixture>;

void add_networks(std::vector<Case>& all, const Shared& fixture) {
  if (fixture->networks == nullptr) return;
  const testing::Expected& expected = *fixture->networks;
  if (expected.has("context")) {
    on_every_backend(all, "text_encoder",
                     [fixture](const auto& which) { compare_encodings(*fixture, which); });
  }
  for (const int skip : {2, 3}) {
    if (!expected.has("context.skip" + std::to_string(skip))) continue;
    on_every_backend(all, "clip_skip_" + std::to_string(skip), [fixture, skip](const auto& which) {
      compare_clip_skip(*fixture, skip, which);
    });
  }
  for (const std::string name : {"unet", "unet.wide", "unet.long"}) {
    if (!expected.has(name + ".out")) continue;
    on_every_backend(
        all, name, [fixture, name](const auto& which) { compare_denoiser(*fixture, name, which); });
  }
  if (expected.has("vae.z")) {
    on_every_backend(all, "decoder",
                     [fixture](const auto& which) { compare_latents_to_picture(*fixture, which); });
  }
  if (expected.has("vae.in")) {
    on_every_backend(all, "encoder",
                     [fixture](const auto& which) { compare_picture_to_latents(*fixture, which); });
  }
}

void add_runs(std::vector<Case>& all, const Shared& fixture) {
  for (const SdRun& run : runs_of(*fixture)) {
    if (!run.unsupported.empty()) {
      all.push_back({run.name, [run] { GTEST_SKIP() << run.name << ": " << run.unsupported; }});
      continue;
    }
    on_every_backend(all, run.name,
                     [fixture, run](const auto& which) { compare_run(*fixture, run, which); });
  }
}

std::vector<Case> cases(const fs::path& folder) {
  const auto fixture = std::make_shared<const SdFixture>(folder);
  std::vector<Case> all;
  add_networks(all, fixture);
  add_runs(all, fixture);
  return all;
}

}  // namespace

FixtureForm stable_diffusion_form() {
  return {.name = "Stable Diffusion", .recognises = recognises, .cases = cases};
}

}  // namespace easel::parity
