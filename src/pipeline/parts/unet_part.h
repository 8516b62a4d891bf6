#pragma once

#include <optional>

#include "backend/backend.h"
#include "models/unet.h"
#include "pipeline/parts/model_part.h"
#include "weights/scope.h"

namespace easel {

/// The UNet of a model.
class UNetPart final : public ModelPart {
 public:
  /// Checks every name and shape; reads no weight. Throws kWrongModel with the full key and both
  /// shapes. The backend and the weights outlive this.
  UNetPart(Backend& backend, Scope scope, UNetConfig config);

  const UNetConfig& config() const { return config_; }
  const UNet& network();
  /// Of every convolution from now on.
  void set_edges(Edges edges) { edges_ = edges; }

  /// Bytes of activations in a pass of so many pictures, both halves of guidance counted.
  std::int64_t activations(int pictures, int latent_pixels) const;
  /// What its deep levels give, kept between steps; `pictures` as above.
  std::int64_t deep_levels(int pictures, int latent_pixels) const;

  void load() override { network(); }
  void release() override { network_.reset(); }
  std::int64_t parameters() const override { return parameters_; }
  std::int64_t parameters_loaded() const override { return network_ ? parameters_ : 0; }

 private:
  Backend& backend_;
  const Scope scope_;
  const UNetConfig config_;
  const std::int64_t parameters_;
  Edges edges_;
  std::optional<UNet> network_;
};

}  // namespace easel
