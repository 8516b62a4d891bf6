#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "pipeline/families/ldm/ldm_config.h"
#include "pipeline/parts/network_shapes.h"
#include "weights/scope.h"

namespace easel {
namespace {

BertTextEncoderConfig text_encoder_from_shapes(const Scope& scope) {
  BertTextEncoderConfig text;
  const Scope tokens = scope / "token_emb";
  text.vocabulary = tokens.shape_of("weight")[0];
  text.channels = columns_of(tokens);
  text.tokens = (scope / "pos_emb" / "emb").shape_of("weight")[0];
  text.depth = count_entries(scope / "attn_layers" / "layers") / 2;
  return text;
}

}  // namespace

LdmConfig ldm_config_from_shapes(const Weights& weights) {
  const Scope root(weights);
  LdmConfig config;
  config.unet = unet_from_shapes(root / "model" / "diffusion_model");
  config.autoencoder = autoencoder_from_shapes(root / "first_stage_model");
  config.text = text_encoder_from_shapes(root / "cond_stage_model" / "transformer");
  const int factor = config.autoencoder.factor();
  config.notes.push_back(fmt::format(
      "no configuration beside the model: sizes read from its shapes; assuming, as in "
      "text2img-large, {} heads, noise from 0.00085 to 0.012 in 1000 steps, scale factor {}, "
      "prediction of the noise and pictures of {}x{}",
      config.unet.num_heads, config.scale_factor, config.native_width * factor,
      config.native_height * factor));
  return config;
}

void complete_from_weights(LdmConfig& config, const Weights& weights) {
  const Scope root(weights);
  const Scope layers = root / "cond_stage_model" / "transformer" / "attn_layers" / "layers";
  const Scope query = layers / 0 / 1 / "to_q";
  config.text.heads =
      std::max(1, multiple_of(query.shape_of("weight")[0], config.text.head_channels, query));
  config.text.inner = (layers / 1 / 1 / "net" / 0 / 0).shape_of("weight")[0];
  const Weights::Entry* measured = weights.find("scale_factor");
  if (measured == nullptr || measured->source.shape.elements() != 1) return;
  float value = 0;
  measured->source.read(0, {&value, 1});
  if (std::isfinite(value) && value > 0) config.scale_factor = value;
}

}  // namespace easel
