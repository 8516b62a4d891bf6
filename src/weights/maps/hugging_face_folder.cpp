#include <array>

#include "core/error.h"
#include "weights/file.h"
#include "weights/formats.h"
#include "weights/maps/hugging_face.h"

namespace easel {
namespace {

namespace fs = std::filesystem;

struct Part {
  std::array<const char*, 2> folders;  ///< the first that is there
  const char* prefix;                  ///< in an original checkpoint
  KeyTable (*table)(const Weights&);
};

constexpr Part kParts[] = {
    {{"unet", "unet"}, "model.diffusion_model.", hugging_face_unet_table},
    {{"vqvae", "vae"}, "first_stage_model.", hugging_face_autoencoder_table},
    {{"bert", "bert"}, "cond_stage_model.transformer.", hugging_face_bert_table},
};

// What the libraries call a part's weights; safetensors first, as they do.
constexpr const char* kFileNames[] = {
    "diffusion_pytorch_model.safetensors",
    "diffusion_pytorch_model.safetensors.index.json",
    "model.safetensors",
    "model.safetensors.index.json",
    "pytorch_model.safetensors",
    "diffusion_pytorch_model.bin",
    "diffusion_pytorch_model.bin.index.json",
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
    "diffusion_pytorch_model.fp16.safetensors",
    "model.fp16.safetensors",
    "diffusion_pytorch_model.fp16.bin",
    "pytorch_model.fp16.bin",
};

bool file_exists(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

fs::path find_part(const fs::path& folder, const Part& part) {
  for (const char* name : part.folders) {
    for (const char* file : kFileNames) {
      if (file_exists(folder / name / file)) return folder / name / file;
    }
  }
  if (file_exists(folder / "text_encoder")) {
    fail(ErrorCode::kUnsupported,
         "'{}' holds another kind of model than latent-diffusion's text-to-image one: it has a "
         "'text_encoder', wanted 'bert', 'unet' and 'vqvae'",
         printable(folder.native()));
  }
  fail(ErrorCode::kNotFound, "'{}' lacks '{}/', wanted its weights as .safetensors or .bin",
       printable(folder.native()), part.folders[0]);
}

}  // namespace

bool is_hugging_face_folder(const fs::path& folder) {
  return file_exists(folder / "model_index.json") || file_exists(folder / "unet");
}

Weights open_hf_folder(const fs::path& folder) {
  Weights::Entries entries;
  std::vector<std::string> notes;
  WeightsDetails details;
  for (const Part& part : kParts) {
    const Weights opened = open_weights(find_part(folder, part));
    const KeyTable table = part.table(opened);
    const Weights renamed =
        rename(opened, [&](std::string_view name) { return part.prefix + table(name); });
    entries.insert(renamed.entries().begin(), renamed.entries().end());
    notes.insert(notes.end(), renamed.notes().begin(), renamed.notes().end());
    add_details(details, renamed.details());
  }
  return Weights(WeightsFormat::kHuggingFaceFolder, std::move(entries), std::move(notes),
                 std::move(details));
}

}  // namespace easel
