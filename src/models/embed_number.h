#pragma once

#include <span>

namespace easel {

/// A number as waves (Vaswani et al. 2017, as guided-diffusion has it): the cosines of value *
/// 10000^(-i / n), i = 0 … n - 1, then the sines, 2 n values in float. A denoiser is told its
/// timestep in this way, SDXL's also its sizes.
void embed_number(float value, std::span<float> out);

}  // namespace easel
