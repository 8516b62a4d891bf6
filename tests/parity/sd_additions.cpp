#include "sd_additions.h"

#include <gtest/gtest.h>

#include <cmath>
#include <optional>

#include "backends.h"
#include "diffusion/brownian.h"
#include "pipeline/parts/tiled_decoding.h"
#include "sd_networks.h"
#include "sd_prompts.h"
#include "support/compare.h"

namespace easel::parity {
namespace {

namespace fs = std::filesystem;

using Shared = std::shared_ptr<const SdFixture>;

std::optional<fs::path> file_that_begins(const fs::path& folder, const std::string& name) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    const fs::path file = entry.path();
    if (file.extension() == ".safetensors" && file.stem().string().starts_with(name)) return file;
  }
  return std::nullopt;
}

// `lora.unet.out`, `lora.context`, `lora.pooled`: with the LoRA beside the model at strength 1.
void add_lora(std::vector<Case>& all, const Shared& base) {
  const testing::Expected& expected = base->expected;
  const auto file = file_that_begins(base->folder, "lora");
  if (!file || !expected.has("lora.unet.out")) return;
  auto fixture = std::make_shared<SdFixture>(*base);
  fixture->loras = {{.path = *file, .strength = {}}};
  on_every_backend(all, "lora.unet", [fixture](const auto& which) {
    compare_denoiser_to(*fixture, "unet", fixture->expected.at("lora.unet.out").values, which);
  });
  if (expected.has("lora.context")) {
    on_every_backend(all, "lora.context", [fixture](const auto& which) {
      compare_first_encodings(*fixture, fixture->expected.at("lora.context"), which);
    });
  }
  if (expected.has("lora.pooled")) {
    on_every_backend(all, "lora.pooled", [fixture](const auto& which) {
      compare_first_pooled(*fixture, fixture->expected.at("lora.pooled"), which);
    });
  }
}

/// A prompt that a1111.safetensors holds the encoding of, NAME.context and NAME.vector: the
/// metadata's "NAME.prompt", else what the first fixtures' README says.
struct KnownPrompt {
  std::string name;
  std::string usual;
};

std::vector<KnownPrompt> known_prompts(const std::string& embedding) {
  std::string very;
  for (int i = 0; i < 80; ++i) very += "very ";
  return {{"weighted", "a (red:1.3) [fox], " + very + "big"},
          {"inversion", "a photo of " + embedding + ", (" + embedding + ":1.2)"}};
}

void add_a1111_prompts(std::vector<Case>& all, const Shared& base) {
  const fs::path file = base->folder / "a1111.safetensors";
  if (!fs::exists(file)) return;
  const auto drawn = std::make_shared<const testing::Expected>(file);
  auto fixture = std::make_shared<SdFixture>(*base);
  const auto embedding = file_that_begins(base->folder, "embedding");
  if (embedding) fixture->embeddings = {*embedding};
  for (const KnownPrompt& known : known_prompts(embedding ? embedding->stem().string() : "")) {
    if (!drawn->has(known.name + ".context")) continue;
    const std::string key = known.name + ".prompt";
    const std::string prompt = drawn->has_text(key) ? drawn->text(key) : known.usual;
    on_every_backend(all, known.name, [fixture, drawn, prompt, known](const auto& which) {
      const bool has_vector = drawn->has(known.name + ".vector");
      Image::Size size;
      if (has_vector) {
        size = {.width = static_cast<int>(drawn->number("W")),
                .height = static_cast<int>(drawn->number("H"))};
      }
      compare_a1111_prompt(*fixture,
                           {.prompt = prompt,
                            .context = drawn->at(known.name + ".context"),
                            .vector = has_vector ? &drawn->at(known.name + ".vector") : nullptr,
                            .size = size},
                           which);
    });
  }
}

// "seed42.half3": from the fourth level to the geometric middle of it and the fifth.
void compare_brownian(const testing::Expected& expected, const std::string& name) {
  const testing::FixtureTensor& wanted = expected.at(name);
  const std::vector<float>& sigmas = expected.at("sigmas").values;
  const std::uint64_t seed = std::stoull(name.substr(4));
  const std::string what = name.substr(name.find('.') + 1);
  const bool half = what.starts_with("half");
  const std::size_t i = std::stoul(what.substr(4));
  const auto& s = wanted.shape;
  BrownianNoise noise(
      RngKind::kTorchCpu, std::vector{seed},
      {.batch = s[0], .channels = s[1], .height = s[2], .width = s[3], .channels_last = false},
      {.lowest = sigmas[sigmas.size() - 2], .highest = sigmas[0]});
  std::vector<float> values(wanted.values.size());
  const float middle = std::exp((std::log(sigmas[i]) + std::log(sigmas[i + 1])) / 2);
  noise.draw(sigmas[i], half ? middle : sigmas[i + 1], values);
  // The middle's last digit decides over the sixth decimal, and a Brownian motion moves by 1e-3 of
  // its deviation in 1e-6 of time.
  const double tolerance = half ? 1e-2 : 2e-6;
  for (std::size_t k = 0; k < values.size(); ++k) {
    ASSERT_NEAR(values[k], wanted.values[k], tolerance) << name << " value " << k;
  }
}

void add_brownian(std::vector<Case>& all, const Shared& fixture) {
  const fs::path file = fixture->folder / "brownian.safetensors";
  if (!fs::exists(file)) return;
  const auto expected = std::make_shared<const testing::Expected>(file);
  for (const auto& [name, tensor] : expected->tensors()) {
    if (!name.starts_with("seed") || name.starts_with("seed_")) continue;
    all.push_back(
        {"brownian." + name, [expected, name = name] { compare_brownian(*expected, name); }});
  }
}

// `tiled.z` (not scaled) -> `tiled.image`, by tiles of the metadata's "tile" latents, else of 16.
void compare_tiled(const SdFixture& fixture, const testing::BackendCase& which) {
  LatentCodec& codec = *open_model(fixture, which).codec;
  const testing::Expected& expected = fixture.expected;
  const int tile = expected.has_text("tile") ? static_cast<int>(expected.number("tile")) : 16;
  testing::FixtureTensor z = expected.at("tiled.z");
  const auto scale = static_cast<float>(config_of(fixture).scale_factor);
  for (float& value : z.values) value *= scale;
  const std::vector<float> pixels = decode_in_tiles(codec, z.values,
                                                    {.count = static_cast<int>(z.shape[0]),
                                                     .height = static_cast<int>(z.shape[2]),
                                                     .width = static_cast<int>(z.shape[3])},
                                                    tile);
  EXPECT_LE(testing::relative_rms(planes_of(pixels), expected.at("tiled.image").values),
            expected.tolerance("network"));
}

void add_tiled(std::vector<Case>& all, const Shared& fixture) {
  if (!fixture->expected.has("tiled.z")) return;
  on_every_backend(all, "tiled", [fixture](const auto& which) { compare_tiled(*fixture, which); });
}

}  // namespace

void add_sd_additions(std::vector<Case>& all, const Shared& fixture) {
  if (fixture->networks != nullptr) add_lora(all, fixture);
  add_a1111_prompts(all, fixture);
  add_brownian(all, fixture);
  add_tiled(all, fixture);
}

}  // namespace easel::parity
