#include "nn/embedding.h"

#include <cassert>
#include <vector>

namespace easel {

Embedding::Embedding(const Scope& scope, std::int64_t rows, std::int64_t channels)
    : source_(scope.take("weight", {rows, channels})) {}

void Embedding::add_rows(std::span<const std::int32_t> ids, std::span<float> out) const {
  const std::int64_t channels = source_.shape[1];
  assert(out.size() == ids.size() * static_cast<std::size_t>(channels));
  std::vector<float> row(static_cast<std::size_t>(channels));
  float* to = out.data();
  for (const std::int32_t id : ids) {
    assert(id >= 0 && id < rows());
    source_.read(id * channels, row);
    for (const float value : row) *to++ += value;
  }
}

}  // namespace easel
