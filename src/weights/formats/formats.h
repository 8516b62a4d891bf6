#pragma once

#include <filesystem>
#include <memory>

#include "weights/file.h"
#include "weights/weights.h"

namespace easel {

// One reader a file format. Each throws kInvalidFile for a broken or hostile file and kUnsupported
// for a sound one that holds what this program does not read; never anything else but kIo.

/// A .safetensors file: https://github.com/huggingface/safetensors#format, with the checks of its
/// audit (no holes, no overlaps, no trailing bytes, no duplicate keys).
Weights read_safetensors(const std::shared_ptr<const File>& file);

/// `*.safetensors.index.json` or `*.bin.index.json`; its shards lie beside it in `folder`.
Weights read_shard_index(const std::shared_ptr<const File>& file,
                         const std::filesystem::path& folder);

/// What torch.save writes since 1.6: a zip archive of stored entries with a pickle.
Weights read_torch_zip(const std::shared_ptr<const File>& file);

/// What torch.save wrote before: five pickles and the storages after them.
Weights read_torch_legacy(const std::shared_ptr<const File>& file);

/// Either of these, by its first bytes.
Weights read_torch(const std::shared_ptr<const File>& file);

/// What is known of another file beside what is known of the first.
void add_details(WeightsDetails& details, const WeightsDetails& other);

/// Any of them, by its first bytes. `folder` is where an index's shards are.
Weights read_any_format(const std::shared_ptr<const File>& file,
                        const std::filesystem::path& folder);

}  // namespace easel
