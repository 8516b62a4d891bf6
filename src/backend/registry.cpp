#include "backend/registry.h"

#include "backend/cpu/cpu.h"
#include "backend/onednn/onednn.h"
#include "backend/reference/reference.h"
#include "core/error.h"

namespace easel {

std::unique_ptr<Backend> make_backend(const BackendOptions& options) {
  if (options.name == "reference")
    return make_reference_backend(options.threads, options.cpu.cores);
  if (options.name == "cpu") return make_cpu_backend(options);
  if (options.name == "onednn") return make_onednn_backend(options);
  fail(ErrorCode::kUsage, "unknown backend '{}', known are cpu, onednn and reference",
       options.name);
}

}  // namespace easel
