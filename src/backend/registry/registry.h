#pragma once

#include <memory>
#include <string>

#include "backend/backend.h"
#include "backend/cpu/options.h"

// Stands above all backends, which know only backend.h.

namespace easel {

/// Which backend to make.
struct BackendOptions {
  std::string name{"cpu"};
  int threads = 0;  ///< of the host; 0: as many as this process may use
  Precision precision = Precision::kF32;
  /// What the backend is to run. cpu: an instruction set no better than this ("SSE4", "AVX2",
  /// "AVX3"); onednn: "bf16" or "f32". Empty: the best there is.
  std::string target{};
  CpuOptions cpu{};
};

/// Makes a backend. Throws kUsage for an unknown name or a target this machine does not run.
std::unique_ptr<Backend> make_backend(const BackendOptions& options);

}  // namespace easel
