#pragma once

#include <cstddef>
#include <span>

namespace easel {

/// Lin et al. 2023, "Common diffusion noise schedules and sample steps are flawed", section 3.4:
/// guidance makes predictions loud, so the guided one is brought to the conditional one's
/// deviation, mixed by `phi` (0: not at all, 0.7 is theirs). Of each picture of the batch by
/// itself. REQUIRES: conditional.size() == guided.size(), a multiple of pictures
void rescale_guidance(std::span<const float> conditional, float phi, std::size_t pictures,
                      std::span<float> guided);

/// What a latent consistency model's time embedding is told of the guidance scale: sines, then
/// cosines, of 1000 (scale - 1) at out.size() / 2 frequencies from 1 to 1/10000 (diffusers'
/// get_guidance_scale_embedding). REQUIRES: an even size of at least 4; 256 in the published models
void guidance_embedding(double scale, std::span<float> out);

}  // namespace easel
