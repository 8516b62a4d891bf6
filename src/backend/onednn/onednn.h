#pragma once

#include <memory>
#include <string>
#include <vector>

#include "backend/backend.h"
#include "backend/cpu/options.h"

namespace easel {

/// Linear layers and convolutions by oneDNN's matrix products, everything else by the cpu backend.
/// Worth it where the processor multiplies bfloat16 (AVX-512 BF16, AMX): both operands are rounded
/// to it, sums are float32. CpuBackendSpec::target: "bf16", "f32", empty for the better one that
/// the processor has. Throws kUsage where Easel was built without oneDNN or the processor has no
/// bfloat16.
std::unique_ptr<Backend> make_onednn_backend(const CpuBackendSpec& spec);

/// What it can run on this machine, best first; empty where Easel was built without oneDNN.
std::vector<std::string> onednn_targets();

}  // namespace easel
