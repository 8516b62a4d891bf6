#include "backend/host_backend.h"

#include <algorithm>
#include <cassert>

#include "backend/follow.h"
#include "core/available_memory.h"

namespace easel {
namespace {

// Calls visit(where on the host, where in the tensor's memory) for every value of [B, ..., C], in
// the order of planes.
template <typename Visit>
void each_of_planes(ConstView x, const Visit& visit) {
  const std::int64_t pictures = x.shape[0], channels = x.channels(), pixels = x.rows() / pictures;
  std::int64_t i = 0;
  for (std::int64_t b = 0; b < pictures; ++b) {
    for (std::int64_t c = 0; c < channels; ++c) {
      for (std::int64_t p = 0; p < pixels; ++p) visit(i++, (b * pixels + p) * x.stride + c);
    }
  }
}

}  // namespace

std::int64_t HostBackend::available_memory() const { return easel::available_memory(); }

void HostBackend::upload(std::span<const float> values, Layout layout, View out) {
  assert(static_cast<std::int64_t>(values.size()) == out.shape.elements());
  const float* from = values.data();
  float* to = host(out);
  if (layout == Layout::kPlanes) {
    return each_of_planes(out, [&](std::int64_t i, std::int64_t at) { to[at] = from[i]; });
  }
  for (std::int64_t row = 0; row < out.rows(); ++row) {
    std::copy_n(from + row * out.channels(), out.channels(), to + row * out.stride);
  }
}

void HostBackend::download(ConstView x, Layout layout, std::span<float> out) {
  assert(static_cast<std::int64_t>(out.size()) == x.shape.elements());
  const float* from = host(x);
  float* to = out.data();
  if (layout == Layout::kPlanes) {
    return each_of_planes(x, [&](std::int64_t i, std::int64_t at) { to[i] = from[at]; });
  }
  for (std::int64_t row = 0; row < x.rows(); ++row) {
    std::copy_n(from + row * x.stride, x.channels(), to + row * x.channels());
  }
}

}  // namespace easel
