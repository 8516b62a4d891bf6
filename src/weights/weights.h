#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/tensor_source.h"

namespace easel {

/// How a model file stores its tensors.
enum class WeightsFormat { kSafetensors, kTorchZip, kTorchLegacy, kHuggingFaceFolder, kMemory };

/// The directory of a model's tensors: names, shapes, where the values lie. Opening reads only the
/// directory (a header, a pickle), never the values; a file that shrinks later gives an Error.
///
/// Immutable and thread-safe once opened.
class Weights {
 public:
  struct Entry {
    TensorSource source;
    std::int64_t bytes = 0;     ///< bytes of its values in the file (0 for made-up weights)
    std::string original_name;  ///< the name in the file, where a key map renamed it
  };
  using Entries = std::map<std::string, Entry, std::less<>>;

  Weights(WeightsFormat format, Entries entries, std::vector<std::string> notes = {})
      : format_(format), entries_(std::move(entries)), notes_(std::move(notes)) {}

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

 private:
  WeightsFormat format_;
  Entries entries_;
  std::vector<std::string> notes_;
};

/// Opens a model file by what is in it, not by its name: safetensors, a sharded safetensors index
/// (`*.safetensors.index.json`), a PyTorch zip archive or legacy file. Names are as in the file,
/// except that a training checkpoint's `state_dict` level is entered.
/// Throws kNotFound, kInvalidFile, kUnsupported, kIo.
Weights open_weights(const std::filesystem::path& file);

}  // namespace easel
