#pragma once

#include <algorithm>
#include <cassert>

#include "backend/cpu/context.h"
#include "backend/follow.h"

namespace easel::cpu {

/// For each picture and head: k^T as panels [panel][D][width] and v as panels
/// [block of kBlockK keys][panel][keys][width].
class CpuKeyValues final : public KeyValues {
 public:
  CpuKeyValues(const Context& context, ConstView k, ConstView v, int head_count)
      : heads(head_count),
        pictures(k.shape[0]),
        key_count(k.shape[1]),
        depth(k.channels() / head_count),
        width(context.kernels.panel()),
        lanes(context.kernels.gemm.lanes),
        key_floats(ceil_div(key_count, width) * width * depth),
        value_floats(key_count * ceil_div(depth, width) * width),
        packed_(*context.arena, Shape{pictures * heads, key_floats + value_floats}) {
    assert(k.channels() % heads == 0 && v.shape == k.shape);
    context.threads->parallel_for(pictures * heads, [&](std::int64_t i) {
      const std::int64_t row = i / heads * key_count, channel = i % heads * depth;
      float* to = host(packed_) + i * (key_floats + value_floats);
      pack_keys(host(k) + row * k.stride + channel, k.stride, to);
      pack_values(host(v) + row * v.stride + channel, v.stride, to + key_floats);
    });
  }

  std::int64_t length() const override { return key_count; }

  const float* keys_of(std::int64_t picture, std::int64_t head) const {
    return host(packed_) + (picture * heads + head) * (key_floats + value_floats);
  }
  const float* values_of(std::int64_t picture, std::int64_t head) const {
    return keys_of(picture, head) + key_floats;
  }
  /// Columns of a panel of values: one vector where that is enough for the last.
  std::int64_t value_columns(std::int64_t panel) const {
    return depth - panel * width <= lanes ? lanes : width;
  }

  const std::int64_t heads, pictures, key_count, depth, width, lanes;
  const std::int64_t key_floats, value_floats;

 private:
  void pack_keys(const float* k, std::int64_t stride, float* to) const {
    for (std::int64_t first = 0; first < key_count; first += width) {
      for (std::int64_t d = 0; d < depth; ++d) {
        for (std::int64_t c = 0; c < width; ++c) {
          *to++ = first + c < key_count ? k[(first + c) * stride + d] : 0.0f;
        }
      }
    }
  }

  void pack_values(const float* v, std::int64_t stride, float* to) const {
    for (std::int64_t first = 0; first < key_count; first += kBlockK) {
      const std::int64_t end = std::min(key_count, first + kBlockK);
      for (std::int64_t panel = 0; panel * width < depth; ++panel) {
        const std::int64_t columns = value_columns(panel);
        const std::int64_t used = std::min(columns, depth - panel * width);
        for (std::int64_t key = first; key < end; ++key, to += columns) {
          const float* from = v + key * stride + panel * width;
          std::copy(from, from + used, to);
          std::fill(to + used, to + columns, 0.0f);
        }
      }
    }
  }

  Tensor packed_;
};

}  // namespace easel::cpu
