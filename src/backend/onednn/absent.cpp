#ifndef EASEL_ONEDNN
#include "backend/onednn/onednn.h"
#include "core/error.h"

namespace easel {

std::unique_ptr<Backend> make_onednn_backend(const CpuBackendSpec&) {
  fail(ErrorCode::kUsage,
       "this easel was built without oneDNN; install it (Debian: apt-get install libdnnl-dev) and "
       "build again, or leave --backend out");
}

std::vector<std::string> onednn_targets() { return {}; }

}  // namespace easel
#endif
