#include "backend/cpu/cpu.h"

#include "backend/reference/reference.h"

namespace easel {

std::unique_ptr<Backend> make_cpu_backend(const BackendOptions& options) {
  return make_reference_backend(options.threads);
}

std::vector<std::string> cpu_targets() { return {}; }

}  // namespace easel
