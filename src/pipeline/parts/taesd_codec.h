#pragma once

#include <optional>

#include "models/taesd.h"
#include "pipeline/parts/latent_codec.h"
#include "weights/scope.h"

namespace easel {

/// The tiny autoencoder's decoder as a latent codec: a twentieth of the full one's time, pictures a
/// little softer. It has no encoder.
class TaesdCodec final : public LatentCodec {
 public:
  /// `scope` stands at the decoder. Checks every name and shape; reads no weight. Throws
  /// kWrongModel. The backend and the weights outlive this.
  TaesdCodec(Backend& backend, Scope scope);

  LatentFacts facts() const override { return {.channels = 4, .factor = 8}; }
  std::vector<float> decode(std::span<const float> latents, const Size& size) override;
  LatentPosterior posterior(std::span<const float> pixels, Image::Size size) override;
  void set_edges(Edges edges) override { edges_ = edges; }
  std::int64_t activations(int pictures, int latent_pixels) const override;

  void load() override { decoder(); }
  void release() override { decoder_.reset(); }
  std::int64_t parameters() const override { return parameters_; }
  std::int64_t parameters_loaded() const override { return decoder_ ? parameters_ : 0; }

 private:
  const TaesdDecoder& decoder();

  Backend& backend_;
  const Scope scope_;
  const std::int64_t parameters_;
  Edges edges_;
  std::optional<TaesdDecoder> decoder_;
};

}  // namespace easel
