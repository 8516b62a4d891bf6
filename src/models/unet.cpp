#include "models/unet.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "core/error.h"
#include "models/embed_number.h"
#include "nn/tensor_ops.h"

namespace easel {
namespace {

constexpr int kOutGroups = 32;  // of the last normalisation

std::optional<Linear> make_label_layer(const Place& at, const Linear::Spec& spec,
                                       const UNetConfig& config) {
  if (config.label_channels == 0) return std::nullopt;
  return std::optional<Linear>(std::in_place, at, spec);
}

std::optional<Linear> make_guidance_proj(const Place& at, const UNetConfig& config) {
  if (config.guidance_channels == 0) return std::nullopt;
  return std::optional<Linear>(
      std::in_place, at,
      Linear::Spec{.in = config.guidance_channels, .out = config.model_channels, .bias = false});
}

}  // namespace

// Walks the network in the order in which guided-diffusion numbers its blocks.
struct UNet::Lists {
  std::vector<UNetBlock> input_blocks;
  UNetBlock middle_0;
  std::optional<UNetBlock> middle_2;
  std::vector<UNetBlock> output_blocks;
  TimeLayers time_layers;
  std::size_t layers = 0;

  Lists(const Place& at, const UNetConfig& unet_config)
      : config(unet_config), depths(unet_config.depths_of_blocks()) {
    require_depths();
    add_input_blocks(at / "input_blocks");
    add_middle_block(at / "middle_block");
    add_output_blocks(at / "output_blocks");
  }

 private:
  const UNetConfig& config;
  const TransformerDepths depths;
  std::vector<std::int64_t> skips;
  std::int64_t channels = 0;

  void require_depths() const {
    const std::size_t levels = config.channel_mult.size();
    const auto blocks = static_cast<std::size_t>(config.num_res_blocks);
    if (depths.input.size() == levels * blocks && depths.output.size() == levels * (blocks + 1)) {
      return;
    }
    fail(ErrorCode::kWrongModel,
         "a denoiser of {} levels with {} blocks each has {} blocks on its way down and {} on its "
         "way up, wanted {} and {}",
         levels, blocks, depths.input.size(), depths.output.size(), levels * blocks,
         levels * (blocks + 1));
  }

  std::int64_t width(std::size_t level) const {
    return config.model_channels * config.channel_mult[level];
  }

  void add_res(UNetBlock& block, const Place& at, std::int64_t in, std::int64_t out) {
    block.res.emplace(at,
                      ResBlock::Spec{.in = in, .out = out, .time_channels = config.time_channels()},
                      time_layers);
    channels = out;
  }

  void add_transformer(UNetBlock& block, const Place& at, int depth) {
    block.transformer.emplace(at,
                              SpatialTransformer::Spec{.channels = channels,
                                                       .context_channels = config.context_channels,
                                                       .heads = config.heads(channels),
                                                       .depth = depth,
                                                       .first_layer = layers});
    layers += static_cast<std::size_t>(depth);
  }

  void add_input_blocks(const Place& at) {
    channels = config.model_channels;
    skips = {channels};
    int number = 1;
    auto depth = depths.input.begin();
    for (std::size_t level = 0; level < config.channel_mult.size(); ++level) {
      for (int i = 0; i < config.num_res_blocks; ++i, ++number, ++depth) {
        UNetBlock& block = input_blocks.emplace_back();
        add_res(block, at / number / 0, channels, width(level));
        if (*depth > 0) add_transformer(block, at / number / 1, *depth);
        skips.push_back(channels);
      }
      if (level + 1 == config.channel_mult.size()) continue;
      Conv2dSpec down = same_conv(channels, channels);
      down.stride = 2;
      input_blocks.emplace_back().resample.emplace(at / number / 0 / "op", down);
      skips.push_back(channels);
      ++number;
    }
  }

  void add_middle_block(const Place& at) {
    add_res(middle_0, at / 0, channels, channels);
    if (config.short_middle) return;
    if (depths.middle > 0) add_transformer(middle_0, at / 1, depths.middle);
    add_res(middle_2.emplace(), at / 2, channels, channels);
  }

  void add_output_blocks(const Place& at) {
    int number = 0;
    auto depth = depths.output.begin();
    for (std::size_t level = config.channel_mult.size(); level-- > 0;) {
      for (int i = 0; i <= config.num_res_blocks; ++i, ++number, ++depth) {
        UNetBlock& block = output_blocks.emplace_back();
        add_res(block, at / number / 0, channels + skips.back(), width(level));
        skips.pop_back();
        int part = 1;
        if (*depth > 0) add_transformer(block, at / number / part++, *depth);
        if (level == 0 || i < config.num_res_blocks) continue;
        Conv2dSpec up = same_conv(channels, channels);
        up.upsample = true;
        block.resample.emplace(at / number / part / "conv", up);
      }
    }
  }
};

UNet::UNet(const Place& at, const UNetConfig& config) : UNet(at, config, Lists(at, config)) {}

UNet::UNet(const Place& at, const UNetConfig& config, Lists lists)
    : backend_(at.backend),
      config_(config),
      time_embed_0_(at / "time_embed" / 0, {.in = config.model_channels,
                                            .out = config.time_channels(),
                                            .activation = Activation::kSilu}),
      // Every use of the time embedding begins with a SiLU: it is applied once, here, or where the
      // label has joined.
      time_embed_2_(
          at / "time_embed" / 2,
          {.in = config.time_channels(),
           .out = config.time_channels(),
           .activation = config.label_channels > 0 ? Activation::kNone : Activation::kSilu}),
      label_emb_0_(make_label_layer(at / "label_emb" / 0 / 0,
                                    {.in = config.label_channels,
                                     .out = config.time_channels(),
                                     .activation = Activation::kSilu},
                                    config)),
      label_emb_2_(make_label_layer(at / "label_emb" / 0 / 2,
                                    {.in = config.time_channels(), .out = config.time_channels()},
                                    config)),
      guidance_proj_(make_guidance_proj(at / "time_embedding" / "cond_proj", config)),
      conv_in_(at / "input_blocks" / 0 / 0, same_conv(config.in_channels, config.model_channels)),
      input_blocks_(std::move(lists.input_blocks)),
      middle_0_(std::move(lists.middle_0)),
      middle_2_(std::move(lists.middle_2)),
      output_blocks_(std::move(lists.output_blocks)),
      time_layers_(std::move(lists.time_layers).build(at.backend, config.time_channels())),
      layers_(lists.layers),
      out_norm_(at / "out" / 0, {.channels = config.model_channels * config.channel_mult.front(),
                                 .groups = kOutGroups,
                                 .activation = Activation::kSilu}),
      out_conv_(at / "out" / 2, same_conv(config.model_channels * config.channel_mult.front(),
                                          config.out_channels)) {}

TimeEmbeddings UNet::embed_timesteps(const UNetTimes& times) const {
  assert(times.labels.has_value() == label_emb_0_.has_value());
  assert(times.guidance.empty() == !guidance_proj_.has_value());
  const std::span<const float> timesteps = times.timesteps;
  const auto width = static_cast<std::size_t>(config_.model_channels);
  std::vector<float> values(timesteps.size() * width);
  for (std::size_t i = 0; i < timesteps.size(); ++i) {
    embed_number(timesteps[i], std::span(values).subspan(i * width, width));
  }
  Tensor waves(backend_.arena(), {std::ssize(timesteps), config_.model_channels});
  backend_.upload(values, Layout::kPixels, waves);
  if (guidance_proj_) {
    Tensor guidance(backend_.arena(), {1, config_.guidance_channels});
    backend_.upload(times.guidance, Layout::kPixels, guidance);
    const Tensor projected = written_out(backend_, (*guidance_proj_)(guidance), waves.batch());
    backend_.add_scaled(projected, 1.0f, waves, waves);
  }
  Tensor embedded = time_embed_2_(time_embed_0_(waves));  // [timesteps, time_channels]
  if (!times.labels) return {.rows = time_layers_(embedded)};
  return {.rows = time_layers_(embed_labels(std::move(embedded), *times.labels)),
          .contexts = static_cast<int>(times.labels->shape[0])};
}

// silu(time + label) of every timestep with every context.
Tensor UNet::embed_labels(Tensor times, ConstView labels) const {
  const std::int64_t contexts = labels.shape[0], rows = times.batch() * contexts;
  const Tensor label = (*label_emb_2_)((*label_emb_0_)(labels));  // [contexts, time_channels]
  std::vector<int> timestep_of;
  for (std::int64_t i = 0; i < rows; ++i) timestep_of.push_back(static_cast<int>(i / contexts));
  Tensor joined(backend_.arena(), {rows, config_.time_channels()});
  backend_.gather_rows(times, timestep_of, joined);
  const Tensor repeated = written_out(backend_, label, rows);
  backend_.add_scaled(repeated, 1.0f, joined, joined);
  backend_.activate(Activation::kSilu, joined, joined);
  return joined;
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

UNet::FirstLevel UNet::first_level(ConstView x, const UNetConditioning& conditioning) const {
  FirstLevel first;
  first.skips.push_back(conv_in_(x));  // [B, H, W, model_channels]
  const std::int64_t rows = std::ssize(conditioning.time_rows);
  if (rows > x.shape[0]) first.skips.back() = written_out(backend_, first.skips.back(), rows);
  for (const UNetBlock& block : first_level_inputs()) {
    first.skips.push_back(block(first.skips.back(), conditioning));
  }
  return first;
}

Tensor UNet::deep_levels(const FirstLevel& first, const UNetConditioning& conditioning) const {
  const auto inputs = std::span(input_blocks_).subspan(first_level_inputs().size());
  std::vector<Tensor> skips;
  ConstView last = first.skips.back();
  for (const UNetBlock& block : inputs) last = skips.emplace_back(block(last, conditioning));

  Tensor h = middle_0_(last, conditioning);  // [k * B, H / 2^levels, W / 2^levels, …]
  if (middle_2_) h = (*middle_2_)(h, conditioning);
  for (const UNetBlock& block : std::span(output_blocks_).first(inputs.size())) {
    h = up(block, h, skips, conditioning);
  }
  return h;
}

Tensor UNet::finish(FirstLevel first, ConstView deep, const UNetConditioning& conditioning) const {
  Tensor h = up(first_level_outputs().front(), deep, first.skips, conditioning);
  return finish_after_first(std::move(first), std::move(h), conditioning);
}

Tensor UNet::operator()(ConstView x, const UNetConditioning& conditioning) const {
  FirstLevel first = first_level(x, conditioning);
  Tensor h = deep_levels(first, conditioning);
  h = up(first_level_outputs().front(), h, first.skips,
         conditioning);  // gives the deep output back
  return finish_after_first(std::move(first), std::move(h), conditioning);
}

// The first level's way up but its first block.
Tensor UNet::finish_after_first(FirstLevel first, Tensor h,
                                const UNetConditioning& conditioning) const {
  for (const UNetBlock& block : first_level_outputs().subspan(1)) {
    h = up(block, h, first.skips, conditioning);
  }
  out_norm_.in_place(h);
  return out_conv_(h);  // [k * B, H, W, out_channels]
}

// A block of the way up: joins h with the skip connection that is its turn.
Tensor UNet::up(const UNetBlock& block, ConstView h, std::vector<Tensor>& skips,
                const UNetConditioning& conditioning) const {
  Tensor out = block(concat_channels(backend_, h, skips.back()), conditioning);
  skips.pop_back();
  return out;
}

std::span<const UNetBlock> UNet::first_level_inputs() const {
  return std::span(input_blocks_).first(static_cast<std::size_t>(config_.num_res_blocks));
}

std::span<const UNetBlock> UNet::first_level_outputs() const {
  return std::span(output_blocks_).last(static_cast<std::size_t>(config_.num_res_blocks) + 1);
}

}  // namespace easel
