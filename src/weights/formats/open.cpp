// Finds a folder's model file and opens it, whatever its format.

#include <set>

#include "core/error.h"
#include "weights/formats/formats.h"
#include "weights/formats/hugging_face_folder.h"

namespace easel {
namespace {

namespace fs = std::filesystem;

// What a folder's model file is usually called, the surest first.
constexpr const char* kModelNames[] = {"model.safetensors", "model.safetensors.index.json",
                                       "model.ckpt", "pytorch_model.bin",
                                       "pytorch_model.bin.index.json"};
constexpr const char* kModelExtensions[] = {".safetensors", ".ckpt", ".pt", ".pth", ".bin"};

fs::path find_model_in(const fs::path& folder, std::span<const FolderLayout> layouts) {
  std::error_code error;
  for (const char* name : kModelNames) {
    if (fs::exists(folder / name, error)) return folder / name;
  }
  for (const char* extension : kModelExtensions) {
    std::vector<fs::path> found;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
      if (it->path().extension() == extension) found.push_back(it->path());
    }
    if (error) {
      fail(ErrorCode::kIo, "cannot list '{}': {}", printable(folder.native()), error.message());
    }
    if (found.size() == 1) return found[0];
    if (found.size() > 1) {
      fail(ErrorCode::kUsage, "the folder '{}' holds {} {} files: name one of them",
           printable(folder.native()), found.size(), extension);
    }
  }
  fail(ErrorCode::kNotFound, "the folder '{}' holds no model: wanted model.safetensors, a .ckpt{}",
       printable(folder.native()), or_folders_of(layouts));
}

}  // namespace

Weights open_weights(const fs::path& path) {
  return read_any_format(File::open(path), path.parent_path());
}

Weights open_model_weights(const fs::path& path, std::span<const FolderLayout> layouts) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) return open_weights(path);
  if (!layouts.empty() && is_hugging_face_folder(path)) return open_hf_folder(path, layouts);
  return open_weights(find_model_in(path, layouts));
}

void add_details(WeightsDetails& details, const WeightsDetails& other) {
  details.has_pickle |= other.has_pickle;
  details.opaque_values += other.opaque_values;
  std::set<std::string> names(details.foreign_names.begin(), details.foreign_names.end());
  names.insert(other.foreign_names.begin(), other.foreign_names.end());
  details.foreign_names.assign(names.begin(), names.end());
}

}  // namespace easel
