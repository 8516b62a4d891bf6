#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "models/rrdbnet.h"
#include "models/srvgg.h"
#include "weights/weights.h"

namespace easel {

/// What the shapes of an ESRGAN-like file say.
using EsrganConfig = std::variant<RrdbNetConfig, SrvggConfig>;

/// Sizes of a file in BasicSR's names (weights/maps/esrgan.h). Throws kWrongModel, kUnsupported.
EsrganConfig esrgan_config_from_shapes(const Weights& weights);

/// Any network of the family.
class EsrganNetwork {
 public:
  /// Throws kWrongModel with the full key and both shapes.
  EsrganNetwork(Backend& backend, const Weights& weights, const EsrganConfig& config);

  /// x [1, H, W, C] in [0, 1] -> [1, scale * H, scale * W, C].
  Tensor operator()(ConstView x) const;

 private:
  std::variant<RrdbNet, Srvgg> network_;
};

struct EsrganFacts {
  std::string description;  ///< "RRDBNet, 23 blocks, 64 features"
  int scale = 4;
  int channels = 3;       ///< of a picture: 1, 3 or 4
  int size_multiple = 1;  ///< of the input's sides
  int receptive_radius = 0;
  std::int64_t bytes_per_pixel = 0;  ///< of activations, for each pixel of the input
};
EsrganFacts facts_of(const EsrganConfig& config);

/// (1 - alpha) * a + alpha * b, tensor by tensor: network interpolation (Wang et al. 2018, section
/// 3.4). Throws kWrongModel naming the first tensor that only one has or whose shapes differ.
Weights blend(const Weights& a, const Weights& b, double alpha);

}  // namespace easel
