#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "models/unet_blocks.h"

namespace easel {

/// How many transformer blocks follow each ResBlock, in the order in which they run; 0: none.
struct TransformerDepths {
  std::vector<int> input;
  int middle = 1;
  std::vector<int> output;

  bool operator==(const TransformerDepths&) const = default;
};

struct UNetConfig {
  std::int64_t in_channels = 4;
  std::int64_t out_channels = 4;
  std::int64_t model_channels = 320;
  std::vector<int> channel_mult = {1, 2, 4, 4};
  int num_res_blocks = 2;
  std::vector<int> attention_resolutions = {4, 2, 1};  ///< by how much the level is halved
  int num_heads = 8;
  int num_head_channels = 0;  ///< instead of num_heads where positive
  int transformer_depth = 1;
  /// Where the depth is not the same in all blocks that attention_resolutions name: instead.
  std::optional<TransformerDepths> depths = {};
  bool short_middle = false;  ///< the middle is one ResBlock and no more (distilled SDXL)
  std::int64_t context_channels = 1280;
  std::int64_t label_channels = 0;  ///< of a vector that joins the timestep; 0: there is none
  /// Of an embedding of the guidance scale that joins the timestep (latent consistency models).
  std::int64_t guidance_channels = 0;

  std::int64_t time_channels() const { return 4 * model_channels; }
  bool has_attention(int downsampling) const;
  TransformerDepths depths_of_blocks() const;
  /// Heads of a layer. Throws kWrongModel when the channels do not divide.
  int heads(std::int64_t channels) const;
  /// Height and width of x are multiples of this.
  int size_multiple() const { return 1 << (channel_mult.size() - 1); }
};

/// What joins a run's timesteps, where the network was trained with it.
struct UNetTimes {
  std::span<const float> timesteps;
  /// [K, label_channels]: a row a context (pooled words, sizes: Podell et al. 2023, "SDXL").
  std::optional<ConstView> labels = {};
  /// [guidance_channels]: see diffusion's guidance_embedding.
  std::span<const float> guidance = {};
};

/// latent-diffusion's denoiser: guided-diffusion's UNet with spatial transformers, and what Stable
/// Diffusion's members added to it.
///
/// Names: `time_embed.{0,2}`, `label_emb.0.{0,2}`, `time_embedding.cond_proj`,
/// `input_blocks.N.{0: ResBlock or op, 1: transformer}`, `middle_block.{0,1,2}`, `output_blocks.N`,
/// `out.{0,2}`.
class UNet {
 public:
  UNet(const Place& at, const UNetConfig& config);

  /// The time embeddings of a run's timesteps, all in one product.
  /// REQUIRES: labels and guidance where the configuration has channels for them, and only there
  TimeEmbeddings embed_timesteps(const UNetTimes& times) const;
  /// The keys and values of contexts [K, S, context_channels], to be used at every step.
  UNetContext prepare_context(ConstView contexts) const;

  /// x [B, H, W, in_channels] -> [k * B, H, W, out_channels], where k * B is the length of
  /// conditioning.context_of. REQUIRES: H and W are multiples of size_multiple().
  Tensor operator()(ConstView x, const UNetConditioning& conditioning) const;

  // The same in three parts, for those who keep what the deep levels give from one step to the next
  // (Ma et al. 2023, "DeepCache: Accelerating Diffusion Models for Free").

  /// The way down the first level: the skip connections of its way up.
  struct FirstLevel {
    std::vector<Tensor> skips;
  };
  FirstLevel first_level(ConstView x, const UNetConditioning& conditioning) const;
  /// What all levels below make of it: [k * B, H, W, …].
  Tensor deep_levels(const FirstLevel& first, const UNetConditioning& conditioning) const;
  /// The way up the first level to the result; `deep` of this step or of an earlier one.
  Tensor finish(FirstLevel first, ConstView deep, const UNetConditioning& conditioning) const;

  const UNetConfig& config() const { return config_; }

 private:
  struct Lists;  // what the constructor builds together
  UNet(const Place& at, const UNetConfig& config, Lists lists);
  std::span<const UNetBlock> first_level_inputs() const;
  std::span<const UNetBlock> first_level_outputs() const;
  Tensor finish_after_first(FirstLevel first, Tensor h, const UNetConditioning& conditioning) const;
  Tensor embed_labels(Tensor times, ConstView labels) const;
  Tensor up(const UNetBlock& block, ConstView h, std::vector<Tensor>& skips,
            const UNetConditioning& conditioning) const;

  Backend& backend_;
  UNetConfig config_;
  Linear time_embed_0_, time_embed_2_;
  std::optional<Linear> label_emb_0_, label_emb_2_;
  std::optional<Linear> guidance_proj_;
  Conv2d conv_in_;
  std::vector<UNetBlock> input_blocks_;
  UNetBlock middle_0_;
  std::optional<UNetBlock> middle_2_;
  std::vector<UNetBlock> output_blocks_;
  Linear time_layers_;
  std::size_t layers_;  // cross-attentions
  GroupNorm out_norm_;
  Conv2d out_conv_;
};

}  // namespace easel
