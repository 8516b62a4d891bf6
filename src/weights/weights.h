#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/tensor_source.h"

namespace easel {

struct FolderLayout;  // hugging_face_folder.h

/// How a model file stores its tensors.
enum class WeightsFormat { kSafetensors, kTorchZip, kTorchLegacy, kHuggingFaceFolder, kMemory };

/// What else a model file held.
struct WeightsDetails {
  std::map<std::string, std::string> metadata = {};  ///< safetensors' `__metadata__`
  bool has_pickle = false;                           ///< a format that other programs execute
  std::int64_t opaque_values = 0;                    ///< Python objects seen and never built
  std::vector<std::string> foreign_names = {};       ///< what they would have called, sorted
};

/// The directory of a model's tensors: names, shapes, where the values lie. Opening reads only the
/// directory (a header, a pickle), never the values; a file that shrinks or changes later gives an
/// Error.
///
/// Immutable and thread-safe once opened.
class Weights {
 public:
  struct Entry {
    TensorSource source;
    std::int64_t bytes = 0;     ///< bytes of its values in the file (0 for made-up weights)
    std::string original_name;  ///< the name in the file, where a key map renamed it
    /// The values as they are stored (`source.dtype`, little-endian, row-major), for exact copies:
    /// reads out.size() / size_of(dtype) elements from `first` on. Empty for made-up weights.
    /// Thread rule and errors as TensorSource::read.
    std::function<void(std::int64_t first, std::span<std::byte> out)> read_stored = {};
  };
  using Entries = std::map<std::string, Entry, std::less<>>;

  Weights(WeightsFormat format, Entries entries, std::vector<std::string> notes = {},
          WeightsDetails details = {})
      : format_(format),
        entries_(std::move(entries)),
        notes_(std::move(notes)),
        details_(std::move(details)) {}

  WeightsFormat format() const { return format_; }
  const Entries& entries() const { return entries_; }
  const Entry* find(std::string_view name) const {
    const auto it = entries_.find(name);
    return it == entries_.end() ? nullptr : &it->second;
  }
  bool contains(std::string_view name) const { return find(name) != nullptr; }
  bool contains_prefix(std::string_view prefix) const {
    const auto it = entries_.lower_bound(prefix);
    return it != entries_.end() && it->first.starts_with(prefix);
  }
  /// Facts worth telling a person ("12 opaque objects ignored", "EMA weights used").
  const std::vector<std::string>& notes() const { return notes_; }
  const WeightsDetails& details() const { return details_; }

 private:
  WeightsFormat format_;
  Entries entries_;
  std::vector<std::string> notes_;
  WeightsDetails details_;
};

/// Opens a model file by what is in it, not by its name: safetensors, a sharded safetensors index
/// (`*.safetensors.index.json`), a PyTorch zip archive or legacy file. Names are as in the file,
/// except that a training checkpoint's `state_dict` level is entered.
/// Throws kNotFound, kInvalidFile, kUnsupported, kIo.
Weights open_weights(const std::filesystem::path& file);

/// Opens a model file, or a folder: one in a Hugging Face layout (hugging_face_folder.h) of those
/// given, or one that holds a model file (model.safetensors, its index, or a single checkpoint).
/// Throws as open_weights, and kUsage when a folder holds several candidates.
Weights open_model_weights(const std::filesystem::path& path,
                           std::span<const FolderLayout> layouts);

/// The same tensors under other names; `map` gives each its new name, an empty one drops it.
/// Throws kInvalidFile when two tensors get one name.
using KeyMap = std::function<std::string(std::string_view name)>;
Weights rename(const Weights& weights, const KeyMap& map);

}  // namespace easel
