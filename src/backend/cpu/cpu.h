#pragma once

#include <memory>

#include "backend/backend.h"
#include "backend/cpu/options.h"

namespace easel {

/// SIMD kernels written once with Highway and chosen for this processor at run time. Throws kUsage
/// for a target that it does not run.
std::unique_ptr<Backend> make_cpu_backend(const CpuBackendSpec& spec);

}  // namespace easel
