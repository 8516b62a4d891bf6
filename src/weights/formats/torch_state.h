#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "weights/file.h"
#include "weights/formats/pickle.h"
#include "weights/weights.h"

namespace easel {

/// Where a storage's bytes lie.
struct StoragePlace {
  std::shared_ptr<const File> file;
  std::int64_t offset = 0;
};
using LocateStorage = std::function<StoragePlace(std::uint32_t storage)>;

/// What is known of a checkpoint before its pickle is looked through.
struct Checkpoint {
  std::string name;  ///< of the file, for messages
  WeightsFormat format;
  std::vector<std::string> notes;
};

/// Gathers the tensors of a checkpoint's pickle under their names. The dicts in which trainers keep
/// a network beside other things (`state_dict`, `params_ema`, `netG`, …: containers.h) are entered,
/// averaged weights first; nested dicts get dotted names, a whole pickled torch module gives its
/// parameters and buffers. A tensor that only an opaque value holds is invisible.
/// Throws kInvalidFile for a tensor that does not fit its storage, kUnsupported when the pickle
/// holds something else than named tensors.
Weights gather_state(Checkpoint checkpoint, const Pickle& pickle, const LocateStorage& locate);

}  // namespace easel
