#include "backend/registry/registry.h"

#include "backend/cpu/cpu.h"
#include "backend/onednn/onednn.h"
#include "backend/reference/reference.h"
#include "core/error.h"

namespace easel {

std::unique_ptr<Backend> make_backend(const BackendOptions& options) {
  if (options.name == "reference")
    return make_reference_backend(options.threads, options.cpu.cores);
  const CpuBackendSpec spec{.threads = options.threads,
                            .precision = options.precision,
                            .target = options.target,
                            .options = options.cpu};
  if (options.name == "cpu") return make_cpu_backend(spec);
  if (options.name == "onednn") return make_onednn_backend(spec);
  fail(ErrorCode::kUsage, "unknown backend '{}', known are cpu, onednn and reference",
       options.name);
}

}  // namespace easel
