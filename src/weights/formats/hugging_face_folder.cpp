#include "weights/formats/hugging_face_folder.h"

#include <algorithm>
#include <vector>

#include "core/error.h"
#include "weights/file.h"
#include "weights/formats/formats.h"

namespace easel {
namespace {

namespace fs = std::filesystem;

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
    "diffusion_pytorch_model.non_ema.safetensors",
    "diffusion_pytorch_model.non_ema.bin",
};

bool file_exists(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

// The weights in a part's folder; empty when there are none.
fs::path weights_in(const fs::path& folder) {
  for (const char* file : kFileNames) {
    if (file_exists(folder / file)) return folder / file;
  }
  return {};
}

fs::path file_of_part(const fs::path& folder, const FolderPart& part) {
  for (const char* name : part.folders) {
    if (fs::path file = weights_in(folder / name); !file.empty()) return file;
  }
  return {};
}

const FolderLayout& best_layout(const fs::path& folder, std::span<const FolderLayout> layouts) {
  const auto parts_there = [&](const FolderLayout& layout) {
    return std::ranges::count_if(
        layout.parts, [&](const FolderPart& part) { return !file_of_part(folder, part).empty(); });
  };
  return *std::ranges::max_element(layouts, {}, parts_there);
}

// "'unet', 'vqvae' and 'bert'"
std::string quoted_list(const std::vector<std::string>& names) {
  std::string list;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) list += i + 1 == names.size() ? " and " : ", ";
    list += fmt::format("'{}'", names[i]);
  }
  return list;
}

std::string folders_of(const FolderLayout& layout) {
  std::vector<std::string> names;
  for (const FolderPart& part : layout.parts) {
    if (!part.optional) names.emplace_back(part.folders[0]);
  }
  return quoted_list(names);
}

// The sub-folders with weights that the layout does not have; a few of many.
std::vector<std::string> foreign_parts(const fs::path& folder, const FolderLayout& layout) {
  constexpr std::size_t kShown = 8;
  std::vector<std::string> found;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    const bool known = std::ranges::any_of(layout.parts, [&](const FolderPart& part) {
      return std::ranges::find(part.folders, name) != part.folders.end();
    });
    if (!known && !weights_in(it->path()).empty()) found.push_back(printable(name));
  }
  std::ranges::sort(found);
  found.resize(std::min(found.size(), kShown));
  return found;
}

fs::path require_part(const fs::path& folder, const FolderPart& part, const FolderLayout& layout) {
  fs::path file = file_of_part(folder, part);
  if (!file.empty()) return file;
  const std::vector<std::string> foreign = foreign_parts(folder, layout);
  if (!foreign.empty()) {
    fail(ErrorCode::kUnsupported,
         "'{}' holds another kind of model than one of {}: it has {}, wanted {}",
         printable(folder.native()), layout.model, quoted_list(foreign), folders_of(layout));
  }
  fail(ErrorCode::kNotFound, "'{}' lacks '{}/', wanted its weights as .safetensors or .bin",
       printable(folder.native()), part.folders[0]);
}

}  // namespace

bool is_hugging_face_folder(const fs::path& folder) {
  return file_exists(folder / "model_index.json") || file_exists(folder / "unet");
}

std::string or_folders_of(std::span<const FolderLayout> layouts) {
  std::string text;
  for (const FolderLayout& layout : layouts) {
    text += fmt::format(", or Hugging Face's {}", folders_of(layout));
  }
  return text;
}

Weights open_hf_folder(const fs::path& folder, std::span<const FolderLayout> layouts) {
  const FolderLayout& layout = best_layout(folder, layouts);
  Weights::Entries entries;
  std::vector<std::string> notes;
  WeightsDetails details;
  std::vector<fs::path> files;  // all found before the first is read
  for (const FolderPart& part : layout.parts) {
    files.push_back(part.optional ? file_of_part(folder, part)
                                  : require_part(folder, part, layout));
  }
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (files[i].empty()) continue;
    const FolderPart& part = layout.parts[i];
    const Weights opened = open_weights(files[i]);
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
