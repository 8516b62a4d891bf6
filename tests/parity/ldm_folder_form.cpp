// The same model in Hugging Face's layout (NAME-hf beside NAME), in each spelling of the
// autoencoder's attention that lies there as vqvae/variant-*.bin: it draws the same bytes.

#include <gtest/gtest.h>

#include "form.h"
#include "ldm_runs.h"
#include "pipeline/models.h"
#include "support/temporary_folder.h"

namespace easel::parity {
namespace {

namespace fs = std::filesystem;

constexpr const char* kAutoencoder = "vqvae/diffusion_pytorch_model.bin";

fs::path twin_of(const fs::path& folder) {
  std::string name = folder.filename().string();
  if (name.ends_with("-hf")) name.resize(name.size() - 3);
  return folder.parent_path() / name;
}

bool recognises(const fs::path& folder) {
  const fs::path index = folder / "model_index.json";
  return fs::exists(index) &&
         testing::read_text(index).find("LDMTextToImagePipeline") != std::string::npos;
}

std::vector<float> drawn(const ModelLocation& location) {
  testing::TestModel model(location, {.backend = testing::options_of(testing::usual_backend())});
  testing::Asked asked = testing::asked("a cat", {.steps = 3, .sampler = "ddim"}, 3);
  asked.which.keep_latents = true;
  return model.draw(asked).at(0).decoded;
}

std::vector<float> drawn_by_twin(const fs::path& folder) {
  const LdmFixture twin(twin_of(folder));
  return drawn({.path = twin.file,
                .config = twin.folder / "config.yaml",
                .vocab = folder / "tokenizer/vocab.txt"});
}

void compare_variant(const fs::path& folder, const fs::path& variant) {
  const testing::TemporaryFolder other;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const fs::path name = fs::relative(entry.path(), folder);
    const bool is_autoencoder = name.parent_path() == "vqvae" && name.extension() == ".bin";
    if (entry.is_regular_file() && !is_autoencoder) other.link(entry.path(), name);
  }
  other.link(variant, kAutoencoder);
  EXPECT_EQ(drawn({.path = other.path()}), drawn_by_twin(folder));
}

std::vector<Case> cases(const fs::path& folder) {
  if (!fs::exists(twin_of(folder) / "config.yaml")) {
    return {{"draws_the_same_bytes", [] { GTEST_SKIP() << "the single file is not beside it"; }}};
  }
  std::vector<Case> all = {{"draws_the_same_bytes", [folder] {
                              EXPECT_EQ(drawn({.path = folder}), drawn_by_twin(folder));
                            }}};
  for (const auto& entry : fs::directory_iterator(folder / "vqvae")) {
    const fs::path file = entry.path();
    if (!file.filename().string().starts_with("variant")) continue;
    all.push_back({file.stem().string(), [folder, file] { compare_variant(folder, file); }});
  }
  return all;
}

}  // namespace

FixtureForm ldm_folder_form() { return {"latent diffusion as a folder", recognises, cases}; }

}  // namespace easel::parity
