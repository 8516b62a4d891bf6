#pragma once

#include <optional>

#include "models/autoencoder_kl.h"
#include "nn/place.h"
#include "pipeline/parts/latent_codec.h"
#include "weights/scope.h"

namespace easel {

/// The KL autoencoder as a latent codec.
class KlCodec final : public LatentCodec {
 public:
  struct Spec {
    Scope scope;  ///< stands at the autoencoder
    AutoencoderKlConfig config;
    double scale_factor = 1;  ///< latents of the autoencoder times this are the denoiser's
  };
  /// Checks every name and shape; reads no weight. Throws kWrongModel with the full key and both
  /// shapes. The backend and the weights outlive this.
  KlCodec(Backend& backend, Spec spec);

  LatentFacts facts() const override;
  std::vector<float> decode(std::span<const float> latents, const Size& size) override;
  LatentPosterior posterior(std::span<const float> pixels, Image::Size size) override;
  void set_edges(Edges edges) override { edges_ = edges; }
  std::int64_t activations(int pictures, int latent_pixels) const override;

  void load() override { decoder(); }
  void release() override;
  std::int64_t parameters() const override { return decoder_parameters_; }
  std::int64_t parameters_loaded() const override;
  std::int64_t other_parameters() const override { return encoder_parameters_; }

 private:
  const AutoencoderKlDecoder& decoder();
  const AutoencoderKlEncoder& encoder();

  Backend& backend_;
  const Spec spec_;
  const std::int64_t decoder_parameters_, encoder_parameters_;
  Edges edges_;
  std::optional<AutoencoderKlDecoder> decoder_;
  std::optional<AutoencoderKlEncoder> encoder_;
};

}  // namespace easel
