#pragma once

#include <memory>

#include "backend/registry.h"

namespace easel {

/// SIMD kernels written once with Highway and chosen for this processor at run time.
std::unique_ptr<Backend> make_cpu_backend(const BackendOptions& options);

}  // namespace easel
