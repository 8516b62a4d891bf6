// Stable Diffusion 1, 2 and XL: a single file or a Hugging Face folder, expected.safetensors, and
// what AUTOMATIC1111 drew, a1111.safetensors.

#include <gtest/gtest.h>

#include "backends.h"
#include "form.h"
#include "sd_additions.h"
#include "sd_networks.h"
#include "sd_prompts.h"
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

void add_texts(std::vector<Case>& all, const Shared& fixture) {
  const testing::Expected& expected = *fixture->networks;
  if (expected.has("tokens") || expected.has("tokens.l")) {
    all.push_back({"tokens", [fixture] { compare_tokens(*fixture); }});
  }
  if (expected.has("context")) {
    on_every_backend(all, "text_encoder",
                     [fixture](const auto& which) { compare_encodings(*fixture, which); });
  }
  for (const auto& [name, tensor] : expected.tensors()) {
    if (!name.starts_with("context.skip")) continue;
    const int skip = std::stoi(name.substr(std::string_view("context.skip").size()));
    on_every_backend(all, "clip_skip_" + std::to_string(skip), [fixture, skip](const auto& which) {
      compare_clip_skip(*fixture, skip, which);
    });
  }
  // A folder of transformers' has no layer that drawing does not read.
  if (fixture->model() == fixture->folder) return;
  // The second generation's last layer, and XL's two encoders without what joins them.
  const std::pair<const char*, LoneReading> insides[] = {
      {"context.last_layer", {}},
      {"context.l", {.encoder = 0, .skip = 1, .final_norm = false}},
      {"context.g", {.encoder = 1, .skip = 1, .final_norm = false}}};
  for (const auto& [name, reading] : insides) {
    if (!expected.has(name)) continue;
    on_every_backend(all, name, [fixture, name = name, reading = reading](const auto& which) {
      compare_lone_encoder(*fixture, reading, name, which);
    });
  }
}

void add_networks(std::vector<Case>& all, const Shared& fixture) {
  if (fixture->networks == nullptr) return;
  add_texts(all, fixture);
  const testing::Expected& expected = *fixture->networks;
  for (const std::string& name : expected.before(".out")) {
    if (!name.starts_with("unet")) continue;  // "lora.unet": another model's
    on_every_backend(
        all, name, [fixture, name](const auto& which) { compare_denoiser(*fixture, name, which); });
  }
  if (expected.has("v_probe")) {
    on_every_backend(all, "probe",
                     [fixture](const auto& which) { compare_probe(*fixture, which); });
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
    // Of runs that their own program decoded.
    if (run.dialect != Dialect::kCompVis && run.dialect != Dialect::kGenerativeModels) continue;
    all.push_back({"eight_bits/" + run.name, [fixture, run] {
                     compare_eight_bits(*fixture, run, testing::usual_backend());
                   }});
  }
}

// Of models that are told the scale of their guidance, with the scale of their runs.
void add_guided_denoiser(std::vector<Case>& all, const Shared& fixture) {
  if (!fixture->expected.has("lcm.unet.out") || fixture->networks == nullptr) return;
  for (const SdRun& run : runs_of(*fixture)) {
    if (run.guidance_tensor.empty()) continue;
    on_every_backend(all, "lcm.unet", [fixture, run](const auto& which) {
      compare_guided_denoiser(*fixture, {.weights = run.guidance_tensor, .scale = run.scale},
                              which);
    });
    return;
  }
}

std::vector<Case> cases(const fs::path& folder) {
  const auto fixture = std::make_shared<const SdFixture>(folder);
  std::vector<Case> all;
  add_networks(all, fixture);
  add_runs(all, fixture);
  add_guided_denoiser(all, fixture);
  add_sd_additions(all, fixture);
  return all;
}

}  // namespace

FixtureForm stable_diffusion_form() {
  return {.name = "Stable Diffusion", .recognises = recognises, .cases = cases};
}

}  // namespace easel::parity
