#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "weights/file.h"
#include "weights/pickle.h"
#include "weights/weights.h"

namespace easel {

/// Gives a storage's place in the file: bytes from its start.
using LocateStorage = std::function<std::int64_t(std::uint32_t storage)>;

/// Gathers the tensors of a checkpoint's pickle under their names. Levels that training tools add
/// (`state_dict`, `params_ema`, `params`, …) are entered, nested dicts get dotted names, a whole
/// pickled torch module gives its parameters and buffers. A tensor that only an opaque value holds
/// is invisible.
/// Throws kInvalidFile for a tensor that does not fit its storage, kUnsupported when the pickle
/// holds something else than named tensors.
Weights gather_state(const std::shared_ptr<const File>& file, const Pickle& pickle,
                     WeightsFormat format, const LocateStorage& locate);

}  // namespace easel
