#include "core/error.h"
#include "weights/formats.h"

namespace easel {

Weights read_torch_zip(const std::shared_ptr<const File>& file) {
  fail(ErrorCode::kUnsupported, "'{}' is a zip archive, which is not read yet", file->name());
}

Weights read_torch_legacy(const std::shared_ptr<const File>& file) {
  fail(ErrorCode::kUnsupported, "'{}' is a pickle, which is not read yet", file->name());
}

}  // namespace easel
