#include "sd_fixture.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "pipeline/families/stable_diffusion/sd_family.h"

namespace easel::parity {
namespace {

namespace fs = std::filesystem;

std::shared_ptr<const testing::Expected> expected_of_networks(const fs::path& folder) {
  std::string name = folder.filename().string();
  if (name.ends_with("-hf")) name.resize(name.size() - 3);
  const fs::path file = folder.parent_path() / name / "expected.safetensors";
  if (!fs::exists(file)) return nullptr;
  return std::make_shared<const testing::Expected>(file);
}

ModelFiles with_guidance(ModelFiles files, const testing::FixtureTensor& guidance) {
  Weights::Entries entries = files.weights.entries();
  TensorSource source{.shape = Shape(std::span<const std::int64_t>(guidance.shape))};
  source.read = [values = guidance.values](std::int64_t first, std::span<float> out) {
    std::copy_n(values.begin() + first, out.size(), out.begin());
  };
  entries.emplace("model.diffusion_model.time_embedding.cond_proj.weight",
                  Weights::Entry{.source = std::move(source)});
  files.weights = Weights(files.weights.format(), std::move(entries));
  return files;
}

}  // namespace

SdFixture::SdFixture(const fs::path& where)
    : folder(where),
      expected(where / "expected.safetensors"),
      networks(expected_of_networks(where)) {}

fs::path SdFixture::model() const {
  for (const char* file : {"model.ckpt", "model.safetensors"}) {
    if (fs::exists(folder / file)) return folder / file;
  }
  return folder;
}

ModelFiles SdFixture::files() const {
  return {.location = {.path = model(),
                       .installed = {fs::path(EASEL_SOURCE_DIR) / "models"},
                       .loras = loras,
                       .embeddings = embeddings},
          .weights = open_model_weights(model())};
}

DiffusionParts& open_model(const SdFixture& fixture, const testing::BackendCase& which,
                           const std::string& guidance) {
  static std::map<std::string, DiffusionParts> open;
  std::string key = fixture.folder.string() + '\n' + which.name + which.target + guidance;
  if (fixture.eight_bits) key += "\n8 bits";
  for (const LoraFile& lora : fixture.loras) {
    key += fmt::format("\n{} {}", lora.path.string(), lora.strength.unet);
  }
  for (const fs::path& embedding : fixture.embeddings) key += '\n' + embedding.string();
  const auto it = open.find(key);
  if (it != open.end()) return it->second;
  ModelFiles files = fixture.files();
  if (!guidance.empty()) files = with_guidance(std::move(files), fixture.expected.at(guidance));
  return open
      .emplace(key, open_stable_diffusion(
                        std::move(files),
                        {.backend = {.name = which.name, .threads = 2, .target = which.target},
                         .eight_bits = fixture.eight_bits}))
      .first->second;
}

}  // namespace easel::parity
