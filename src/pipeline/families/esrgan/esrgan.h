#pragma once

#include <variant>

#include "models/rrdbnet.h"
#include "models/srvgg.h"
#include "pipeline/parts/enlarging_network.h"
#include "weights/weights.h"

namespace easel {

/// What the shapes of an ESRGAN-like file say.
using EsrganConfig = std::variant<RrdbNetConfig, SrvggConfig>;

/// Sizes of a file in BasicSR's names (weights/maps/esrgan.h). Throws kWrongModel, kUnsupported.
EsrganConfig esrgan_config_from_shapes(const Weights& weights);

EnlargingFacts facts_of(const EsrganConfig& config);

/// Any network of the family.
class EsrganNetwork final : public EnlargingNetwork {
 public:
  /// Throws kWrongModel with the full key and both shapes.
  EsrganNetwork(Backend& backend, const Weights& weights, const EsrganConfig& config);

  EnlargingFacts facts() const override { return facts_; }
  Tensor operator()(ConstView x) const override;

 private:
  const EnlargingFacts facts_;
  std::variant<RrdbNet, Srvgg> network_;
};

}  // namespace easel
