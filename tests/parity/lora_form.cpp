// Small changes to a Stable Diffusion model: files of every kind, and what the model that lies
// beside the folder computes with them, `FILE@STRENGTH.unet` and `.context`, several joined by "+".

#include <gtest/gtest.h>

#include "backends.h"
#include "core/error.h"
#include "form.h"
#include "prompt_chunks.h"
#include "sd_networks.h"
#include "sd_prompts.h"
#include "support/compare.h"
#include "weights/textual_inversion.h"

namespace easel::parity {
namespace {

namespace fs = std::filesystem;

bool recognises(const fs::path& folder) {
  return fs::exists(folder / "expected.safetensors") &&
         testing::Expected(folder / "expected.safetensors").has("base.unet");
}

/// NAME.safetensors, or with another ending.
fs::path file_named(const fs::path& folder, const std::string& name) {
  for (const char* ending : {".safetensors", ".pt", ".ckpt", ".bin"}) {
    if (fs::exists(folder / (name + ending))) return folder / (name + ending);
  }
  throw std::runtime_error("no file of '" + name + "' in " + folder.string());
}

/// "kohya@0.6+locon@0.5"
std::vector<LoraFile> loras_of(const fs::path& folder, const std::string& name) {
  std::vector<LoraFile> loras;
  for (std::size_t begin = 0; begin < name.size();) {
    const std::size_t end = std::min(name.find('+', begin), name.size());
    const std::string one = name.substr(begin, end - begin);
    const std::size_t at = one.find('@');
    const double strength = std::stod(one.substr(at + 1));
    loras.push_back({.path = file_named(folder, one.substr(0, at)),
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
    if (at == std::string::npos || !changes->has(wanted)) continue;
    auto fixture = std::make_shared<SdFixture>(*base);
    fixture->loras = {{.path = entry.path(), .strength = {}}};
    on_every_backend(all, name, [fixture, changes, wanted](const auto& which) {
      compare_denoiser_to(*fixture, "unet", changes->at(wanted).values, which);
    });
  }
}

/// The textual inversions among a folder's files.
std::vector<fs::path> embeddings_in(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string ending = entry.path().extension().string();
    if (ending != ".pt" && ending != ".bin" && ending != ".safetensors") continue;
    try {
      open_textual_inversion(entry.path());
      files.push_back(entry.path());
    } catch (const Error&) {
      // A LoRA, or the expected values.
    }
  }
  std::ranges::sort(files);
  return files;
}

// inversion.json: where the vectors stand in the chunks of each text.
void compare_places(const fs::path& folder) {
  std::vector<EmbeddingNames::Name> known;
  for (const fs::path& file : embeddings_in(folder)) {
    const TextualInversion embedding = open_textual_inversion(file);
    known.push_back({.name = embedding.name, .vectors = embedding.first.count});
  }
  const EmbeddingNames names(known, openai_tokenizer());
  const Json texts = Json::parse(testing::read_text(folder / "inversion.json"));
  ASSERT_GT(texts.size(), 0u);
  for (const Json& entry : texts) {
    const auto text = entry["text"].get<std::string>();
    SCOPED_TRACE(text);
    compare_chunks(chunk_text(text, openai_tokenizer(), names, {}), entry);
  }
}

// `inversion.N`: the metadata's prompts, which name the embeddings that lie in the folder.
void add_inversions(std::vector<Case>& all, const fs::path& folder,
                    const std::shared_ptr<const SdFixture>& base,
                    const std::shared_ptr<const testing::Expected>& changes) {
  if (fs::exists(folder / "inversion.json")) {
    all.push_back({"inversion.places", [folder] { compare_places(folder); }});
  }
  const std::vector<std::string> prompts = changes->texts("inversion_prompts");
  if (prompts.empty()) return;
  auto fixture = std::make_shared<SdFixture>(*base);
  fixture->embeddings = embeddings_in(folder);
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    const std::string name = "inversion." + std::to_string(i);
    on_every_backend(all, name, [fixture, changes, name, prompt = prompts[i]](const auto& which) {
      compare_a1111_prompt(*fixture, {.prompt = prompt, .context = changes->at(name)}, which);
    });
  }
}

std::vector<Case> cases(const fs::path& folder) {
  const auto changes = std::make_shared<const testing::Expected>(folder / "expected.safetensors");
  std::vector<Case> all;
  const std::shared_ptr<const SdFixture> base = base_of(folder, *changes);
  for (const std::string& name : changes->before(".unet")) {
    if (name == "base") continue;
    const std::vector<LoraFile> loras = loras_of(folder, name);
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
  add_inversions(all, folder, base, changes);
  return all;
}

}  // namespace

FixtureForm lora_form() { return {.name = "LoRA", .recognises = recognises, .cases = cases}; }

}  // namespace easel::parity
