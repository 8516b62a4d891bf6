#pragma once

#include <cstdint>
#include <vector>

#include "nn/conv2d.h"
#include "nn/norm.h"

namespace easel {

struct SrvggConfig {
  std::int64_t features = 64;
  int convolutions = 32;  ///< between the first and the last
  int scale = 4;
  int channels = 3;  ///< of a picture: 1, 3 or 4

  /// Input pixels to each side that an output pixel depends on.
  int receptive_radius() const { return convolutions + 2; }
};

/// Real-ESRGAN's compact network (SRVGGNetCompact): plain convolutions with PReLU at the size of
/// the input; the last one's channels become pixels and are added to the picture enlarged by
/// nearest neighbour. Names: `body.{2i}` convolution, `body.{2i + 1}` PReLU.
class Srvgg {
 public:
  Srvgg(const Place& at, const SrvggConfig& config);

  /// x [B, H, W, C] in [0, 1] -> [B, s * H, s * W, C], unclamped.
  Tensor operator()(ConstView x) const;

 private:
  Backend& backend_;
  SrvggConfig config_;
  std::vector<Conv2d> convolutions_;
  std::vector<Prelu> prelus_;  // one for each convolution but the last
};

}  // namespace easel
