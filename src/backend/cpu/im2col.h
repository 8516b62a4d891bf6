#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "backend/cpu/packed_matrix.h"

namespace easel::cpu {

/// A convolution as a product: a row for each pixel of the result, holding what its taps see, tap
/// by tap, so that a tap's channels are contiguous in the image.
class Im2col {
 public:
  explicit Im2col(const Conv2dSpec& spec) : spec_(spec) {}

  /// The matching order of the weights.
  PackedMatrix::Layout layout() const {
    const std::int64_t taps = spec_.kernel * spec_.kernel;
    return {.k = spec_.in * taps, .columns = spec_.out, .taps = taps};
  }

  /// Terms [k0, k1) of the sum of one pixel. `image`: [B, height, width, in], pixels `stride`
  /// elements apart; `out`: the result's shape.
  template <typename Element>
  void gather(const Element* image, const Shape& in, std::int64_t stride, const Shape& out,
              std::int64_t row, std::int64_t k0, std::int64_t k1, Element* to) const {
    const int zoom = spec_.upsample ? 1 : 0;
    const std::int64_t height = in[1] << zoom, width = in[2] << zoom;
    const std::int64_t picture = row / (out[1] * out[2]), inside = row % (out[1] * out[2]);
    const std::int64_t top = inside / out[2] * spec_.stride - spec_.pad_before;
    const std::int64_t left = inside % out[2] * spec_.stride - spec_.pad_before;
    for (std::int64_t k = k0; k < k1;) {
      const std::int64_t tap = k / spec_.in, channel = k % spec_.in;
      const std::int64_t count = std::min(spec_.in - channel, k1 - k);
      const std::int64_t y = top + tap / spec_.kernel, column = left + tap % spec_.kernel;
      const auto bytes = static_cast<std::size_t>(count) * sizeof(Element);
      if (y >= 0 && y < height && column >= 0 && column < width) {
        const std::int64_t pixel = (picture * in[1] + (y >> zoom)) * in[2] + (column >> zoom);
        std::memcpy(to + (k - k0), image + pixel * stride + channel, bytes);
      } else {
        std::memset(to + (k - k0), 0, bytes);
      }
      k += count;
    }
  }

 private:
  const Conv2dSpec spec_;
};

}  // namespace easel::cpu
