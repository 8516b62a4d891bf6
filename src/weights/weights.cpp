#include "weights/weights.h"

#include <algorithm>
#include <set>

#include "core/error.h"
#include "weights/file.h"
#include "weights/formats.h"
#include "weights/maps/hugging_face.h"

namespace easel {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kModel = "model.";
constexpr std::string_view kAveraged = "model_ema.";

// What a folder's model file is usually called, the surest first.
constexpr const char* kModelNames[] = {"model.safetensors", "model.safetensors.index.json",
                                       "model.ckpt", "pytorch_model.bin",
                                       "pytorch_model.bin.index.json"};
constexpr const char* kModelExtensions[] = {".safetensors", ".ckpt", ".pt", ".pth", ".bin"};

fs::path find_model_in(const fs::path& folder) {
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
  fail(ErrorCode::kNotFound,
       "the folder '{}' holds no model: wanted model.safetensors, a .ckpt, or Hugging Face's "
       "'bert', 'unet' and 'vqvae'",
       printable(folder.native()));
}

std::string without_dots(std::string_view name) {
  std::string out(name);
  std::erase(out, '.');
  return out;
}

}  // namespace

Weights open_model_weights(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) return open_weights(path);
  if (is_hugging_face_folder(path)) return open_hf_folder(path);
  return open_weights(find_model_in(path));
}

Weights rename(const Weights& weights, const KeyMap& map) {
  Weights::Entries entries;
  for (const auto& [name, entry] : weights.entries()) {
    std::string renamed = map(name);
    if (renamed.empty()) continue;
    const auto [at, added] = entries.emplace(std::move(renamed), entry);
    if (!added) {
      fail(ErrorCode::kInvalidFile, "the tensors '{}' and '{}' are both '{}'",
           at->second.original_name.empty() ? at->first : at->second.original_name, name,
           at->first);
    }
    if (at->second.original_name.empty() && at->first != name) at->second.original_name = name;
  }
  return Weights(weights.format(), std::move(entries), weights.notes(), weights.details());
}

void add_details(WeightsDetails& details, const WeightsDetails& other) {
  details.has_pickle |= other.has_pickle;
  details.opaque_values += other.opaque_values;
  std::set<std::string> names(details.foreign_names.begin(), details.foreign_names.end());
  names.insert(other.foreign_names.begin(), other.foreign_names.end());
  details.foreign_names.assign(names.begin(), names.end());
}

bool has_ema(const Weights& weights) { return weights.contains_prefix(kAveraged); }

Weights with_ema(const Weights& weights) {
  if (!has_ema(weights)) return weights;
  Weights::Entries entries;
  std::map<std::string, std::string> taken;  // the averaged tensor -> the name it stands for
  for (const auto& [name, entry] : weights.entries()) {
    if (name.starts_with(kAveraged)) continue;
    entries.emplace(name, entry);
    if (!name.starts_with(kModel)) continue;
    const std::string averaged =
        std::string(kAveraged) + without_dots(std::string_view(name).substr(kModel.size()));
    const Weights::Entry* found = weights.find(averaged);
    if (found == nullptr) continue;
    const auto [at, added] = taken.emplace(averaged, name);
    if (!added) {
      fail(ErrorCode::kInvalidFile, "the averaged tensor '{}' could be '{}' or '{}'", averaged,
           at->second, name);
    }
    if (!(found->source.shape == entry.source.shape)) {
      fail(ErrorCode::kInvalidFile, "the averaged tensor '{}' has shape {}, wanted {}", averaged,
           found->source.shape.text(), entry.source.shape.text());
    }
    Weights::Entry replaced = *found;
    replaced.original_name = averaged;
    entries.insert_or_assign(name, std::move(replaced));
  }
  std::vector<std::string> notes = weights.notes();
  notes.push_back(fmt::format("the averaged (EMA) weights of {} tensors are used", taken.size()));
  return Weights(weights.format(), std::move(entries), std::move(notes), weights.details());
}

}  // namespace easel
