#include "pipeline/parts/network_shapes.h"

#include "core/error.h"

namespace easel {
namespace {

constexpr int kMostEntries = 256;  // blocks or layers in one list
constexpr int kMostLevels = 8;

/// The way down: levels, blocks a level, depths.
class InputBlocks {
 public:
  InputBlocks(const Scope& blocks, UNetConfig& unet, TransformerDepths& depths)
      : unet_(unet), depths_(depths) {
    unet.channel_mult.clear();
    const int count = count_entries(blocks);
    for (int i = 1; i < count; ++i) read(blocks / i);
    require_even(blocks);
  }

 private:
  void read(const Scope& block) {
    if ((block / 0).has("op.weight")) {
      in_level_ = 0;
      return;
    }
    const std::int64_t channels = (block / 0 / "in_layers" / 2).shape_of("weight")[0];
    if (in_level_++ == 0) {
      unet_.channel_mult.push_back(multiple_of(channels, unet_.model_channels, block));
    }
    if (unet_.channel_mult.size() == 1) unet_.num_res_blocks = in_level_;
    depths_.input.push_back(count_entries(block / 1 / "transformer_blocks"));
  }

  void require_even(const Scope& blocks) const {
    if (unet_.channel_mult.size() <= kMostLevels) return;
    fail(ErrorCode::kWrongModel, "'{}' halves its size more than {} times", blocks.path(),
         kMostLevels - 1);
  }

  UNetConfig& unet_;
  TransformerDepths& depths_;
  int in_level_ = 0;
};

// The width of what the first transformer below `blocks` attends to; 0 where there is none.
std::int64_t context_of(const Scope& blocks, int count) {
  for (int i = 0; i < count; ++i) {
    const Scope first = blocks / i / 1 / "transformer_blocks" / 0;
    if (first.has_scope("attn2")) return columns_of(first / "attn2" / "to_k");
  }
  return 0;
}

std::int64_t context_channels(const Scope& scope) {
  const Scope middle = scope / "middle_block" / 1 / "transformer_blocks" / 0;
  if (middle.has_scope("attn2")) return columns_of(middle / "attn2" / "to_k");
  const Scope inputs = scope / "input_blocks";
  const std::int64_t found = context_of(inputs, count_entries(inputs));
  if (found > 0) return found;
  return columns_of(middle / "attn2" / "to_k");  // says what is missing
}

}  // namespace

int count_entries(const Scope& scope) {
  int count = 0;
  while (count < kMostEntries && scope.has_scope(std::to_string(count))) ++count;
  return count;
}

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

UNetConfig unet_from_shapes(const Scope& scope) {
  UNetConfig unet;
  const Scope first = scope / "input_blocks" / 0 / 0;
  unet.model_channels = first.shape_of("weight")[0];
  unet.in_channels = columns_of(first);
  unet.out_channels = (scope / "out" / 2).shape_of("weight")[0];
  TransformerDepths depths;
  const InputBlocks inputs(scope / "input_blocks", unet, depths);
  depths.middle = count_entries(scope / "middle_block" / 1 / "transformer_blocks");
  unet.short_middle = !(scope / "middle_block").has_scope("2");
  const Scope outputs = scope / "output_blocks";
  for (int i = 0; i < count_entries(outputs); ++i) {
    depths.output.push_back(count_entries(outputs / i / 1 / "transformer_blocks"));
  }
  unet.depths = depths;
  unet.context_channels = context_channels(scope);
  const Scope label = scope / "label_emb" / 0 / 0;
  if (label.has("weight")) unet.label_channels = columns_of(label);
  const Scope guidance = scope / "time_embedding" / "cond_proj";
  if (guidance.has("weight")) unet.guidance_channels = columns_of(guidance);
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

ClipTextEncoderConfig clip_text_encoder_from_shapes(const Scope& scope) {
  ClipTextEncoderConfig text;
  const Scope model = scope / "text_model";
  const Scope tokens = model / "embeddings" / "token_embedding";
  text.vocabulary = tokens.shape_of("weight")[0];
  text.channels = columns_of(tokens);
  text.tokens = (model / "embeddings" / "position_embedding").shape_of("weight")[0];
  const Scope layers = model / "encoder" / "layers";
  text.depth = count_entries(layers);
  text.inner = (layers / 0 / "mlp" / "fc1").shape_of("weight")[0];
  const Scope projection = scope / "text_projection";
  if (projection.has("weight")) text.projection = projection.shape_of("weight")[0];
  return text;
}

}  // namespace easel
