// latent-diffusion's text-to-image models: model.ckpt, config.yaml, expected.safetensors. A folder
// may hold one network alone; what it is compared with is what has expected values.

#include <gtest/gtest.h>

#include <algorithm>

#include "backends.h"
#include "form.h"
#include "ldm_runs.h"

namespace easel::parity {
namespace {

namespace fs = std::filesystem;

bool recognises(const fs::path& folder) {
  return fs::exists(folder / "expected.safetensors") && fs::exists(folder / "config.yaml") &&
         testing::read_text(folder / "config.yaml").find("BERTEmbedder") != std::string::npos;
}

using Shared = std::shared_ptr<const LdmFixture>;

void add_networks(std::vector<Case>& all, const Shared& fixture) {
  const testing::Expected& expected = fixture->expected;
  if (expected.has("tokens") && expected.has("context")) {
    on_every_backend(all, "text_encoder",
                     [fixture](const auto& which) { compare_text_encoder(*fixture, which); });
  }
  for (const std::string& name : expected.before(".x")) {
    if (!expected.has(name + ".out")) continue;
    on_every_backend(all, name,
                     [fixture, name](const auto& which) { compare_unet(*fixture, name, which); });
  }
  if (expected.has("vae.z")) {
    on_every_backend(all, "decoder",
                     [fixture](const auto& which) { compare_decoder(*fixture, which); });
  }
  if (expected.has("vae.in")) {
    on_every_backend(all, "encoder",
                     [fixture](const auto& which) { compare_encoder(*fixture, which); });
  }
  if (expected.has("alphas_cumprod")) {
    all.push_back({"schedule", [fixture] { compare_schedule(*fixture); }});
  }
}

// A run that this file does not know the sampler of is counted, not passed over.
bool is_known(const std::string& run) {
  return run == "ddim" || run == "plms" || run.starts_with("ddim_eta");
}

void add_run(std::vector<Case>& all, const Shared& fixture, const std::string& run) {
  if (!is_known(run)) {
    all.push_back({run, [run] { GTEST_SKIP() << "Easel draws no run that is named " << run; }});
    return;
  }
  on_every_backend(all, run,
                   [fixture, run](const auto& which) { compare_run(*fixture, run, which); });
}

void add_rounding(std::vector<Case>& all, const Shared& fixture) {
  all.push_back({"rounding/float32",
                 [fixture] { compare_rounding(*fixture, {.backend = {.name = "cpu"}}, 50); }});
  all.push_back({"rounding/float16_weights", [fixture] {
                   compare_rounding(*fixture,
                                    {.backend = {.name = "cpu", .precision = Precision::kF16}}, 35);
                 }});
  all.push_back({"rounding/eight_bit_weights", [fixture] {
                   compare_rounding(*fixture, {.backend = {.name = "cpu"}, .eight_bits = true}, 35);
                 }});
  if (std::ranges::count(onednn_targets(), "bf16") > 0) {
    all.push_back({"rounding/bfloat16", [fixture] {
                     compare_rounding(*fixture, {.backend = {.name = "onednn", .target = "bf16"}},
                                      40);
                   }});
  }
}

std::vector<Case> cases(const fs::path& folder) {
  const auto fixture = std::make_shared<const LdmFixture>(folder);
  std::vector<Case> all;
  add_networks(all, fixture);
  const auto runs = fixture->expected.before(".trajectory");
  const bool is_whole = fixture->has("model.diffusion_model") && fixture->has("first_stage_model");
  if (!is_whole) return all;
  if (!vocabulary_of(*fixture)) {
    all.push_back({"prompts_and_runs", [] {
                     GTEST_SKIP() << "no vocabulary of this model's size lies in the fixtures";
                   }});
    return all;
  }
  on_every_backend(all, "prompts",
                   [fixture](const auto& which) { compare_prompts(*fixture, which); });
  for (const std::string& run : runs) add_run(all, fixture, run);
  const bool has_picture = std::ranges::any_of(runs, [&](const std::string& run) {
    return is_known(run) && fixture->expected.has(run + ".image");
  });
  if (has_picture) add_rounding(all, fixture);
  return all;
}

}  // namespace

FixtureForm ldm_form() { return {"latent diffusion's text to image", recognises, cases}; }

}  // namespace easel::parity
