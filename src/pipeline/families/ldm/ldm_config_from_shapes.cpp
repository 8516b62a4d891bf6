#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "pipeline/families/ldm/ldm_config.h"
#include "weights/scope.h"

// Sizes read off the tensors' shapes. Whatever is guessed wrong here is refused with its key and
// both shapes when the network is built.

namespace easel {
namespace {

constexpr int kMostEntries = 256;  // blocks or layers in one list
constexpr int kMostLevels = 8;

// How many of scope/0, scope/1, … hold something.
int count_entries(const Scope& scope) {
  int count = 0;
  while (count < kMostEntries && scope.has_scope(std::to_string(count))) ++count;
  return count;
}

// Of a matrix; 0 of anything else, which no network has.
std::int64_t columns_of(const Scope& scope) {
  const Shape& shape = scope.shape_of("weight");
  return shape.rank() > 1 ? shape[1] : 0;
}

int multiple_of(std::int64_t channels, std::int64_t unit, const Scope& where) {
  if (unit <= 0 || channels % unit != 0 || channels / unit > 1024) {
    fail(ErrorCode::kWrongModel, "'{}' has {} channels, wanted a multiple of {}", where.path(),
         channels, unit);
  }
  return static_cast<int>(channels / unit);
}

void read_input_blocks(const Scope& blocks, UNetConfig& unet) {
  unet.channel_mult.clear();
  unet.attention_resolutions.clear();
  const int count = count_entries(blocks);
  int in_level = 0, downsampling = 1;
  for (int i = 1; i < count; ++i) {
    const Scope block = blocks / i;
    if ((block / 0).has("op.weight")) {
      in_level = 0;
      downsampling *= 2;
      if (downsampling < 1 << kMostLevels) continue;
      fail(ErrorCode::kWrongModel, "'{}' halves its size more than {} times", blocks.path(),
           kMostLevels - 1);
    }
    const std::int64_t channels = (block / 0 / "in_layers" / 2).shape_of("weight")[0];
    if (in_level++ == 0) {
      unet.channel_mult.push_back(multiple_of(channels, unet.model_channels, block));
    }
    if (unet.channel_mult.size() == 1) unet.num_res_blocks = in_level;
    const Scope transformer = block / 1 / "transformer_blocks";
    if (!block.has_scope("1")) continue;
    if (!unet.has_attention(downsampling)) unet.attention_resolutions.push_back(downsampling);
    unet.transformer_depth = std::max(1, count_entries(transformer));
  }
}

UNetConfig unet_from_shapes(const Scope& scope) {
  UNetConfig unet;
  const Scope first = scope / "input_blocks" / 0 / 0;
  unet.model_channels = first.shape_of("weight")[0];
  unet.in_channels = columns_of(first);
  unet.out_channels = (scope / "out" / 2).shape_of("weight")[0];
  read_input_blocks(scope / "input_blocks", unet);
  const Scope middle = scope / "middle_block" / 1 / "transformer_blocks" / 0;
  unet.context_channels = columns_of(middle / "attn2" / "to_k");
  return unet;
}

AutoencoderKlConfig autoencoder_from_shapes(const Scope& scope) {
  AutoencoderKlConfig autoencoder;
  const Scope quant = scope / "post_quant_conv";
  autoencoder.z_channels = quant.shape_of("weight")[0];
  autoencoder.latent_channels = columns_of(quant);
  const Scope up = scope / "decoder" / "up";
  const auto width = [&](int level) {
    return (up / level / "block" / 0 / "conv1").shape_of("weight")[0];
  };
  const Scope encoder_in = scope / "encoder" / "conv_in";
  autoencoder.channels = encoder_in.has("weight") ? encoder_in.shape_of("weight")[0] : width(0);
  autoencoder.channel_mult.clear();
  const int levels = count_entries(up);
  for (int level = 0; level < levels; ++level) {
    autoencoder.channel_mult.push_back(multiple_of(width(level), autoencoder.channels, up / level));
    if ((up / level).has_scope("attn")) autoencoder.attention_levels.push_back(level);
  }
  autoencoder.num_res_blocks = count_entries(up / 0 / "block") - 1;
  if (autoencoder.channel_mult.empty() || autoencoder.channel_mult.size() > kMostLevels ||
      autoencoder.num_res_blocks < 1) {
    fail(ErrorCode::kWrongModel, "'{}' has {} levels of {} blocks, wanted 1 to 8 of at least 2",
         up.path(), levels, autoencoder.num_res_blocks + 1);
  }
  return autoencoder;
}

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
