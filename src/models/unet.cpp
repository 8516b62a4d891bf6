#include "models/unet.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

#include "core/error.h"
#include "nn/tensor_ops.h"

namespace easel {
namespace {

// The sinusoidal embedding of a timestep: cosines, then sines, in float as the original.
void embed(float timestep, std::span<float> out) {
  const std::size_t half = out.size() / 2;
  const auto log_period = static_cast<float>(-std::log(10000.0));
  for (std::size_t i = 0; i < half; ++i) {
    const float frequency = std::exp(log_period * static_cast<float>(i) / static_cast<float>(half));
    const float angle = timestep * frequency;
    out[i] = std::cos(angle);
    out[half + i] = std::sin(angle);
  }
}

Conv2dSpec same_conv(std::int64_t in, std::int64_t out) { return {.in = in, .out = out}; }

}  // namespace

bool UNetConfig::has_attention(int downsampling) const {
  return std::ranges::find(attention_resolutions, downsampling) != attention_resolutions.end();
}

int UNetConfig::heads(std::int64_t channels) const {
  const std::int64_t count = num_head_channels > 0 ? channels / num_head_channels : num_heads;
  if (count <= 0 || channels % count != 0 ||
      (num_head_channels > 0 && channels % num_head_channels != 0)) {
    fail(ErrorCode::kWrongModel, "{} channels do not divide into attention heads ({})", channels,
         num_head_channels > 0 ? fmt::format("{} channels each", num_head_channels)
                               : fmt::format("{} of them", num_heads));
  }
  return static_cast<int>(count);
}

// Walks the network in the order in which guided-diffusion numbers its blocks.
struct UNet::Lists {
  std::vector<UNetBlock> input_blocks;
  UNetBlock middle_0, middle_2;
  std::vector<UNetBlock> output_blocks;
  TimeLayers time_layers;
  std::size_t layers = 0;

  Lists(Backend& b, const Scope& scope, const UNetConfig& unet_config)
      : backend(b), config(unet_config) {
    add_input_blocks(scope / "input_blocks");
    add_middle_block(scope / "middle_block");
    add_output_blocks(scope / "output_blocks");
  }

 private:
  Backend& backend;
  const UNetConfig& config;
  std::vector<std::int64_t> skips;
  std::int64_t channels = 0;
  int downsampling = 1;

  std::int64_t width(std::size_t level) const {
    return config.model_channels * config.channel_mult[level];
  }

  void add_res(UNetBlock& block, const Scope& scope, std::int64_t in, std::int64_t out) {
    block.res.emplace(backend, scope,
                      ResBlock::Spec{.in = in, .out = out, .time_channels = config.time_channels()},
                      time_layers);
    channels = out;
  }

  void add_transformer(UNetBlock& block, const Scope& scope) {
    block.transformer.emplace(backend, scope,
                              SpatialTransformer::Spec{.channels = channels,
                                                       .context_channels = config.context_channels,
                                                       .heads = config.heads(channels),
                                                       .depth = config.transformer_depth,
                                                       .first_layer = layers});
    layers += static_cast<std::size_t>(config.transformer_depth);
  }

  void add_input_blocks(const Scope& scope) {
    channels = config.model_channels;
    skips = {channels};
    int number = 1;
    for (std::size_t level = 0; level < config.channel_mult.size(); ++level) {
      for (int i = 0; i < config.num_res_blocks; ++i, ++number) {
        UNetBlock& block = input_blocks.emplace_back();
        add_res(block, scope / number / 0, channels, width(level));
        if (config.has_attention(downsampling)) add_transformer(block, scope / number / 1);
        skips.push_back(channels);
      }
      if (level + 1 == config.channel_mult.size()) continue;
      Conv2dSpec down = same_conv(channels, channels);
      down.stride = 2;
      input_blocks.emplace_back().resample.emplace(backend, scope / number / 0 / "op", down);
      skips.push_back(channels);
      downsampling *= 2;
      ++number;
    }
  }

  void add_middle_block(const Scope& scope) {
    add_res(middle_0, scope / 0, channels, channels);
    add_transformer(middle_0, scope / 1);
    add_res(middle_2, scope / 2, channels, channels);
  }

  void add_output_blocks(const Scope& scope) {
    int number = 0;
    for (std::size_t level = config.channel_mult.size(); level-- > 0;) {
      for (int i = 0; i <= config.num_res_blocks; ++i, ++number) {
        UNetBlock& block = output_blocks.emplace_back();
        add_res(block, scope / number / 0, channels + skips.back(), width(level));
        skips.pop_back();
        int part = 1;
        if (config.has_attention(downsampling)) add_transformer(block, scope / number / part++);
        if (level == 0 || i < config.num_res_blocks) continue;
        Conv2dSpec up = same_conv(channels, channels);
        up.upsample = true;
        block.resample.emplace(backend, scope / number / part / "conv", up);
        downsampling /= 2;
      }
    }
  }
};

UNet::UNet(Backend& backend, const Scope& scope, const UNetConfig& config)
    : UNet(backend, scope, config, Lists(backend, scope, config)) {}

UNet::UNet(Backend& backend, const Scope& scope, const UNetConfig& config, Lists lists)
    : backend_(backend),
      config_(config),
      time_embed_0_(backend, scope / "time_embed" / 0,
                    {.in = config.model_channels,
                     .out = config.time_channels(),
                     .activation = Activation::kSilu}),
      // Every use of the time embedding begins with a SiLU: it is applied here, once.
      time_embed_2_(backend, scope / "time_embed" / 2,
                    {.in = config.time_channels(),
                     .out = config.time_channels(),
                     .activation = Activation::kSilu}),
      conv_in_(backend, scope / "input_blocks" / 0 / 0,
               same_conv(config.in_channels, config.model_channels)),
      input_blocks_(std::move(lists.input_blocks)),
      middle_0_(std::move(lists.middle_0)),
      middle_2_(std::move(lists.middle_2)),
      output_blocks_(std::move(lists.output_blocks)),
      time_layers_(std::move(lists.time_layers).build(backend, config.time_channels())),
      layers_(lists.layers),
      out_norm_(backend, scope / "out" / 0,
                {.channels = config.model_channels * config.channel_mult.front(),
                 .activation = Activation::kSilu}),
      out_conv_(
          backend, scope / "out" / 2,
          same_conv(config.model_channels * config.channel_mult.front(), config.out_channels)) {}

std::size_t UNet::first_level_inputs() const {
  return static_cast<std::size_t>(config_.num_res_blocks);
}

TimeEmbeddings UNet::embed_timesteps(std::span<const float> timesteps) const {
  const auto count = static_cast<std::int64_t>(timesteps.size());
  Tensor waves(backend_.arena(), {count, config_.model_channels});
  const auto width = static_cast<std::size_t>(config_.model_channels);
  for (std::size_t i = 0; i < timesteps.size(); ++i) {
    embed(timesteps[i], waves.values().subspan(i * width, width));
  }
  return {time_layers_(time_embed_2_(time_embed_0_(waves)))};
}

UNetContext UNet::prepare_context(ConstView contexts) const {
  assert(contexts.channels() == config_.context_channels);
  UNetContext context;
  context.layers.resize(layers_);
  const auto prepare = [&](const UNetBlock& block) {
    if (block.transformer) block.transformer->prepare(contexts, context);
  };
  std::ranges::for_each(input_blocks_, prepare);
  prepare(middle_0_);
  std::ranges::for_each(output_blocks_, prepare);
  return context;
}

Tensor UNet::operator()(ConstView x, const UNetConditioning& conditioning, Tensor* deep) const {
  const auto first_inputs = std::span(input_blocks_).first(first_level_inputs());
  const auto last_outputs = std::span(output_blocks_).last(first_level_inputs() + 1);
  std::vector<Tensor> skips;
  skips.push_back(conv_in_(x));  // [B, H, W, model_channels]
  for (const UNetBlock& block : first_inputs) skips.push_back(block(skips.back(), conditioning));

  Tensor h;  // [k * B, H, W, …]
  if (deep == nullptr) {
    h = deep_levels(skips.back(), conditioning);
  } else {
    if (deep->empty()) *deep = deep_levels(skips.back(), conditioning);
    h = repeat_batch(backend_, *deep, 1);
  }

  for (const UNetBlock& block : last_outputs) {
    h = block(concat_channels(backend_, h, skips.back()), conditioning);
    skips.pop_back();
  }
  out_norm_.in_place(h);
  return out_conv_(h);  // [k * B, H, W, out_channels]
}

// Everything below the first level: x [B, H, W, …] -> [k * B, H, W, …].
Tensor UNet::deep_levels(ConstView x, const UNetConditioning& conditioning) const {
  const auto inputs = std::span(input_blocks_).subspan(first_level_inputs());
  const auto outputs = std::span(output_blocks_).first(inputs.size());
  std::vector<Tensor> skips;
  ConstView last = x;
  for (const UNetBlock& block : inputs) last = skips.emplace_back(block(last, conditioning));

  Tensor h = middle_0_(last, conditioning);  // [k * B, H / 2^levels, W / 2^levels, …]
  h = middle_2_(h, conditioning);

  for (const UNetBlock& block : outputs) {
    h = block(concat_channels(backend_, h, skips.back()), conditioning);
    skips.pop_back();
  }
  return h;
}

}  // namespace easel
