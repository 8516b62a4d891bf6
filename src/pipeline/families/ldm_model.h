#pragma once

#include <cstdint>
#include <optional>

#include "backend/backend.h"
#include "models/autoencoder_kl.h"
#include "models/bert_text_encoder.h"
#include "models/unet.h"
#include "pipeline/families/ldm_config.h"
#include "weights/weights.h"

namespace easel {

/// The networks of a latent-diffusion text-to-image model, each read when first asked for.
/// Thread rule: one call at a time.
class LdmModel {
 public:
  /// Checks every name and shape of the three networks, and that they fit each other; reads no
  /// large weight. Throws kWrongModel with the full key and both shapes, and as require_agreement.
  /// The backend outlives this.
  LdmModel(Backend& backend, Weights weights, LdmConfig config);

  const LdmConfig& config() const { return config_; }
  const Weights& weights() const { return weights_; }

  const BertTextEncoder& text_encoder();
  const UNet& unet();
  const AutoencoderKlDecoder& decoder();
  /// Throws kWrongModel when the file has none.
  const AutoencoderKlEncoder& encoder();

  void release_text_encoder() { text_encoder_.reset(); }
  void release();

  /// Parameters of each part, used or not.
  struct Sizes {
    std::int64_t text_encoder = 0;
    std::int64_t unet = 0;
    std::int64_t decoder = 0;
    std::int64_t encoder = 0;
  };
  const Sizes& sizes() const { return sizes_; }
  /// Parameters in memory now.
  std::int64_t loaded() const;

 private:
  Backend& backend_;
  Weights weights_;
  LdmConfig config_;
  Sizes sizes_;
  std::optional<BertTextEncoder> text_encoder_;
  std::optional<UNet> unet_;
  std::optional<AutoencoderKlDecoder> decoder_;
  std::optional<AutoencoderKlEncoder> encoder_;
};

/// Bytes of activations at the peak of a pass through a network.
struct LdmActivations {
  static std::int64_t text_encoder(const LdmConfig& config, int prompts);
  /// `pictures` count both halves of guidance.
  static std::int64_t unet(const LdmConfig& config, int pictures, int latent_pixels);
  /// What the UNet's deep levels give, kept between steps; `pictures` as above.
  static std::int64_t deep_levels(const LdmConfig& config, int pictures, int latent_pixels);
  static std::int64_t decoder(const LdmConfig& config, int pictures, int latent_pixels);
};

}  // namespace easel
