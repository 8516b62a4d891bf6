#include "pipeline/diffusing/denoising_pass.h"

#include "diffusion/guidance.h"

namespace easel {
namespace {

constexpr double kUsualImageScale = 1.5;

// What a network that was distilled with guidance is told of its scale; else nothing.
std::vector<float> embedded_scale(const UNet& unet, const Recipe& recipe) {
  std::vector<float> embedding(static_cast<std::size_t>(unet.config().guidance_channels));
  if (!embedding.empty()) guidance_embedding(*diffusion_of(recipe).scale, embedding);
  return embedding;
}

}  // namespace

DenoisingPass::DenoisingPass(const Spec& spec)
    : spec_(spec),
      height_(spec.size.height / spec.latent.factor),
      width_(spec.size.width / spec.latent.factor),
      guidance_(embedded_scale(spec.unet, spec.recipe)),
      unet_(
          {.backend = spec.backend,
           .unet = spec.unet,
           .told = spec.told,
           .scale = static_cast<float>(*diffusion_of(spec.recipe).scale),
           .interval = diffusion_of(spec.recipe).guidance_interval,
           .deep_every = diffusion_of(spec.recipe).deep_cache.every,
           .steps = spec.plan.steps(),
           .channels = spec.latent.channels,
           .height = height_,
           .width = width_,
           .pass = spec.pass,
           .beside = spec.beside,
           .beside_scale =
               spec.beside_guides
                   ? std::optional(static_cast<float>(
                         diffusion_of(spec.recipe).editing.image_scale.value_or(kUsualImageScale)))
                   : std::nullopt,
           .guidance = guidance_,
           .cancel = spec.cancel},
          spec.plan.timesteps()) {}

std::size_t DenoisingPass::latent_size() const {
  return static_cast<std::size_t>(spec_.latent.channels) * static_cast<std::size_t>(height_) *
         static_cast<std::size_t>(width_);
}

void DenoisingPass::run(std::span<float> latents, NoiseSource& noise, const KeptPart* kept,
                        const StepCallback& on_step) {
  unet_.begin_step(0);
  const auto network = [this](std::span<const float> x, float timestep, std::span<float> y) {
    unet_(x, timestep, y);
  };
  spec_.plan.run(network, latents,
                 {.noise = &noise,
                  .draw_unused_noise = spec_.recipe.seed.shared.has_value(),
                  .on_step =
                      [&](const StepEvent& event) {
                        unet_.begin_step(event.step);
                        on_step(event);
                      },
                  .correct = kept != nullptr ? kept->in_estimate() : Correction()});
  if (kept != nullptr) kept->put_back(latents);
}

}  // namespace easel
