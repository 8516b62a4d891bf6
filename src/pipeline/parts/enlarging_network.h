#pragma once

#include <cstdint>
#include <string>

#include "core/tensor.h"

namespace easel {

struct EnlargingFacts {
  std::string description;  ///< "RRDBNet, 23 blocks, 64 features"
  int scale = 4;
  int channels = 3;       ///< of a picture: 1, 3 or 4
  int size_multiple = 1;  ///< of the input's sides
  int receptive_radius = 0;
  std::int64_t bytes_per_pixel = 0;  ///< of activations, for each pixel of the input
};

/// A network that enlarges pictures, its weights read. Thread rule: one call at a time.
class EnlargingNetwork {
 public:
  virtual ~EnlargingNetwork() = default;
  virtual EnlargingFacts facts() const = 0;
  /// x [1, H, W, C] in [0, 1] -> [1, scale * H, scale * W, C]. REQUIRES: H and W are multiples of
  /// size_multiple.
  virtual Tensor operator()(ConstView x) const = 0;
};

}  // namespace easel
