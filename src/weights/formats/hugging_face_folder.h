#pragma once

#include <array>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "weights/key_table.h"
#include "weights/weights.h"

namespace easel {

/// One network of a model in the Hugging Face layout: a sub-folder with its weights.
struct FolderPart {
  std::array<const char*, 2> folders;  ///< the first that is there
  const char* prefix;                  ///< of its tensors, once all parts are together
  KeyTable (*table)(const Weights&);   ///< to its names there, without the prefix
  bool optional = false;               ///< a model may do without
};

/// The sub-folders of a kind of model.
struct FolderLayout {
  std::string_view model;  ///< "latent-diffusion"
  std::span<const FolderPart> parts;
};

/// Whether a folder looks like a model in the Hugging Face layout (model_index.json or unet/).
bool is_hugging_face_folder(const std::filesystem::path& folder);

/// Opens the parts of the layout that fits the folder best, each in .safetensors or .bin. Throws as
/// open_weights; kNotFound names the missing part, kUnsupported a part that the layout does not
/// have where it lacks others. REQUIRES: layouts is not empty
Weights open_hf_folder(const std::filesystem::path& folder, std::span<const FolderLayout> layouts);

/// ", or Hugging Face's 'unet', 'vqvae' and 'bert'" for each layout.
std::string or_folders_of(std::span<const FolderLayout> layouts);

}  // namespace easel
