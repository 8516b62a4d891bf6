#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>

#include "core/cancel.h"
#include "weights/weights.h"

namespace easel {

/// A tensor to be written: `entry` is read piece by piece while it is written.
struct TensorToWrite {
  std::string name;
  Weights::Entry entry;
  DType dtype = DType::kF32;  ///< how to store it
};

struct SafetensorsOptions {
  std::map<std::string, std::string> metadata = {};
  bool overwrite = false;  ///< replace a file that is there; else kUsage
  const CancelToken* cancel = nullptr;
  /// Called now and then with the bytes of values written and their total.
  std::function<void(std::int64_t done, std::int64_t total)> progress = {};
};

struct SafetensorsReport {
  std::int64_t bytes = 0;       ///< of the whole file
  std::int64_t overflowed = 0;  ///< finite values that became infinite in the narrower type
};

/// Writes one .safetensors file: to a temporary name beside it, synced, then renamed, so that
/// `path` is never half a file. At most a few megabytes are in memory.
///
/// A tensor keeps its stored type exactly, or becomes F32, F16 or BF16 (rounded to nearest even).
/// Throws kNoSpace (before writing, where the system can tell), kIo, kCancelled, kUsage,
/// kUnsupported for another change of type, and what reading a tensor throws.
SafetensorsReport write_safetensors(const std::filesystem::path& path,
                                    std::span<const TensorToWrite> tensors,
                                    const SafetensorsOptions& options = {});

/// The type in which a tensor is best stored when floats are wanted as `floats`: floats become
/// that, integers and booleans stay.
DType converted_dtype(DType stored, DType floats);

}  // namespace easel
