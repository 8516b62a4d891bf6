#include "pipeline/families/stable_diffusion/sd_measuring.h"

#include <memory>
#include <utility>
#include <vector>

namespace easel {
namespace {

// A text encoder by itself, which reads the prompt as it is read for drawing.
class MeasuredText {
 public:
  MeasuredText(const Place& at, const SdTextConfig& config)
      : config_(config), network_(at / config.scope, config.network) {}

  Tensor operator()(int prompts) const {
    const auto count = static_cast<std::size_t>(prompts * config_.network.tokens);
    const std::vector<std::int32_t> ids(count, 1);
    const TextReading& reading = config_.reading;
    return network_(ids, {.skip = reading.skip,
                          .final_norm = reading.final_norm,
                          .pooled = reading.pooled && config_.network.projection > 0})
        .sequence;
  }

 private:
  const SdTextConfig config_;
  const ClipTextEncoder network_;
};

// Side by side, as the denoiser attends to them.
MeasuredSizes::Encode measured_texts(const Place& at, const std::vector<SdTextConfig>& configs) {
  auto texts = std::make_shared<std::vector<std::unique_ptr<const MeasuredText>>>();
  for (const SdTextConfig& config : configs) {
    texts->push_back(std::make_unique<MeasuredText>(at, config));
  }
  Backend* backend = &at.backend;
  return [texts, backend](int prompts) {
    std::vector<Tensor> sequences;
    std::int64_t channels = 0;
    for (const auto& text : *texts) {
      sequences.push_back((*text)(prompts));
      channels += sequences.back().shape()[2];
    }
    if (sequences.size() == 1) return std::move(sequences.front());
    Tensor all(backend->arena(), {prompts, sequences.front().shape()[1], channels});
    std::int64_t first = 0;
    for (const Tensor& sequence : sequences) {
      const std::int64_t width = sequence.shape()[2];
      backend->copy(ConstView(sequence), channels_of(View(all), first, width));
      first += width;
    }
    return all;
  };
}

}  // namespace

MeasuredSizes sizes_of(const SdConfig& config) {
  return {.unet = config.unet,
          .autoencoder = config.autoencoder,
          .scale_factor = config.scale_factor,
          .native_height = config.native_height,
          .native_width = config.native_width,
          .schedule = config.schedule,
          .parameterization = config.parameterization.value_or(Parameterization::kEps),
          .timestep_rule = config.timestep_rule,
          .defaults = config.defaults,
          .tokens = config.texts.front().network.tokens,
          .text = [texts = config.texts](const Place& at) { return measured_texts(at, texts); }};
}

}  // namespace easel
