#include <cassert>

#include "diffusion/sampler_steps.h"

namespace easel {

// Song et al. 2023, "Consistency models", algorithm 1; Luo et al. 2023, "Latent consistency
// models".
void lcm(std::span<float> x, const Denoiser& model, std::span<const double> sigmas,
         const StepOptions& options) {
  std::vector<float> x0(x.size()), noise(x.size());
  for (std::size_t i = 0; i + 1 < sigmas.size(); ++i) {
    model(x, sigmas[i], x0);
    std::ranges::copy(x0, x.begin());
    if (sigmas[i + 1] > 0) {
      assert(options.noise != nullptr);
      options.noise->draw(noise);
      add_scaled(noise, sigmas[i + 1], x);
    }
    report_step(options, i, sigmas, x, x0);
  }
}

Denoiser consistent(Denoiser model, TimeOf time_of, const Consistency& how) {
  return [model = std::move(model), time_of = std::move(time_of), how](
             std::span<const float> x, double sigma, std::span<float> x0) {
    model(x, sigma, x0);
    constexpr double kData = 0.5;  // the deviation of the pictures
    const double t = how.timestep_scale * time_of(sigma);
    const double square = t * t + kData * kData;
    const double of_x = how.of_training_scaling ? 1 / std::sqrt(1 + sigma * sigma) : 1;
    const auto skip = static_cast<float>(kData * kData / square * of_x);
    const auto take = static_cast<float>(t / std::sqrt(square));
    for (std::size_t k = 0; k < x.size(); ++k) x0[k] = take * x0[k] + skip * x[k];
  };
}

}  // namespace easel
