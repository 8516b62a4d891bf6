// The names and shapes of every tensor of the published Stable Diffusion files: each is a directory
// of made-up weights that Easel recognises, opens and takes whole, at its full size.

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "form.h"
#include "pipeline/families.h"
#include "pipeline/families/stable_diffusion/sd_family.h"
#include "support/fixture_file.h"
#include "weights/maps/autoencoder.h"
#include "weights/maps/hugging_face.h"
#include "weights/random_weights.h"

namespace easel::parity {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kSeed = 1;

// NAME, tab, sizes with an "x" or a comma between.
std::vector<NamedShape> read_shapes(const fs::path& file) {
  std::vector<NamedShape> shapes;
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t tab = line.find('\t');
    if (tab == std::string::npos) continue;
    std::string sizes = line.substr(tab + 1);
    std::ranges::replace(sizes, 'x', ',');
    std::vector<std::int64_t> dims;
    std::stringstream stream(sizes);
    for (std::string size; std::getline(stream, size, ',');) dims.push_back(std::stoll(size));
    shapes.push_back({line.substr(0, tab), Shape(std::span<const std::int64_t>(dims))});
  }
  return shapes;
}

bool recognises(const fs::path& folder) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".tsv") return true;
  }
  return false;
}

Weights made_up(const fs::path& file) { return make_random_weights(read_shapes(file), kSeed); }

// A whole model: every tensor of its networks has its place, and each place its tensor.
void open_whole(const fs::path& file, const Weights& weights) {
  const ModelKind kind = recognise(weights);
  EXPECT_EQ(static_cast<int>(kind.use), static_cast<int>(ModelUse::kTextToImage)) << kind.name;
  const DiffusionParts parts = open_stable_diffusion(
      {.location = {.path = file, .installed = {fs::path(EASEL_SOURCE_DIR) / "models"}},
       .weights = weights},
      {.backend = {.threads = 1}});
  EXPECT_GT(parts.unet->parameters(), 100'000'000);
}

// SSD-1B's and Vega's middle is one residual block.
void open_short_middle(const fs::path& file) {
  std::vector<NamedShape> shapes = read_shapes(file);
  std::erase_if(shapes, [](const NamedShape& tensor) {
    return tensor.name.starts_with("model.diffusion_model.middle_block.1.") ||
           tensor.name.starts_with("model.diffusion_model.middle_block.2.");
  });
  open_whole(file, make_random_weights(shapes, kSeed));
}

// A latent consistency model is told its scale.
void open_consistency(const fs::path& file) {
  std::vector<NamedShape> shapes = read_shapes(file);
  shapes.push_back({"model.diffusion_model.time_embedding.cond_proj.weight", Shape{320, 256}});
  open_whole(file, make_random_weights(shapes, kSeed));
}

// A part in Hugging Face's names has the original's in the single file of the same kind.
void rename_unet(const fs::path& file) {
  const Weights part = made_up(file);
  const KeyTable table = hugging_face_unet_table(part);
  const Weights renamed = rename(part, [&](std::string_view name) { return table(name); });
  for (const auto& [name, entry] : renamed.entries()) {
    const bool original = name.starts_with("input_blocks.") || name.starts_with("middle_block.") ||
                          name.starts_with("output_blocks.") || name.starts_with("time_embed") ||
                          name.starts_with("label_emb.") || name.starts_with("out.");
    EXPECT_TRUE(original) << name;
  }
}

std::vector<Case> cases(const fs::path& folder) {
  std::vector<Case> all;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const fs::path file = entry.path();
    const std::string name = file.stem().string();
    if (file.extension() != ".tsv") continue;
    if (name.starts_with("hf-unet")) {
      all.push_back({name, [file] { rename_unet(file); }});
    } else if (name.starts_with("sd")) {
      all.push_back({name, [file] { open_whole(file, made_up(file)); }});
      if (name == "sdxl") {
        all.push_back({name + "_short_middle", [file] { open_short_middle(file); }});
      }
      if (name == "sd1") all.push_back({name + "_lcm", [file] { open_consistency(file); }});
    } else {
      all.push_back({name, [name] { GTEST_SKIP() << name << " is a part by itself"; }});
    }
  }
  return all;
}

}  // namespace

FixtureForm sd_keys_form() {
  return {.name = "names and shapes of published files", .recognises = recognises, .cases = cases};
}

}  // namespace easel::parity
