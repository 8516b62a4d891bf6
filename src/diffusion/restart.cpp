#include <cassert>
#include <utility>

#include "diffusion/noise_levels.h"
#include "diffusion/sampler_steps.h"

// Xu et al. 2023, "Restart sampling for improving generative processes": Heun's method, with jumps
// back to a higher noise level where a stretch is walked again. The stretch and its repetitions are
// AUTOMATIC1111's: from sigma 2 to 0.1, once from 20 steps, twice from 36.

namespace easel {
namespace {

constexpr double kLow = 0.1, kHigh = 2;

using Step = std::pair<double, double>;  // from, to

std::size_t nearest(std::span<const double> sigmas, double wanted) {
  const auto at = std::ranges::min_element(
      sigmas, {}, [wanted](double sigma) { return std::abs(sigma - wanted); });
  return static_cast<std::size_t>(at - sigmas.begin());
}

// The walk, from as many levels as it shall have steps.
std::vector<Step> restart_walk(std::span<const double> given) {
  std::vector<double> sigmas(given.begin(), given.end());
  const int steps = static_cast<int>(sigmas.size()) - 1;
  int stretch = 0, times = 0;
  if (steps >= 20) {
    stretch = steps >= 36 ? steps / 4 : 9;
    times = steps >= 36 ? 2 : 1;
    sigmas = karras_levels({.lowest = given[given.size() - 2], .highest = given[0]},
                           steps - stretch * times);
    sigmas.push_back(0);
  }
  const std::size_t low = nearest(sigmas, kLow), high = nearest(sigmas, kHigh);
  std::vector<Step> walk;
  for (std::size_t i = 0; i + 1 < sigmas.size(); ++i) {
    walk.emplace_back(sigmas[i], sigmas[i + 1]);
    if (i + 1 != low || times == 0 || high >= low) continue;
    const auto again = karras_levels({.lowest = sigmas[low], .highest = sigmas[high]}, stretch + 1);
    for (int round = 0; round < times; ++round) {
      for (std::size_t k = 0; k + 1 < again.size(); ++k) walk.emplace_back(again[k], again[k + 1]);
    }
  }
  return walk;
}

}  // namespace

void restart(std::span<float> x, const Denoiser& model, std::span<const double> sigmas,
             const StepOptions& options) {
  const std::vector<Step> walk = restart_walk(sigmas);
  std::vector<float> x0(x.size()), ahead(x.size()), ahead_x0(x.size());
  double level = walk.empty() ? 0 : walk.front().first;
  for (std::size_t i = 0; i < walk.size(); ++i) {
    const auto [from, to] = walk[i];
    if (level < from) {
      assert(options.noise != nullptr);
      options.noise->draw(ahead);
      add_scaled(ahead, std::sqrt(from * from - level * level), x);
    }
    model(x, from, x0);
    for (std::size_t k = 0; k < x.size(); ++k) ahead[k] = euler_step(x[k], x0[k], from, to);
    if (to > 0) {  // the trapezoidal rule: the mean of the slopes at both ends
      model(ahead, to, ahead_x0);
      const auto half = static_cast<float>((to - from) / 2);
      for (std::size_t k = 0; k < x.size(); ++k) {
        x[k] += half * ((x[k] - x0[k]) / static_cast<float>(from) +
                        (ahead[k] - ahead_x0[k]) / static_cast<float>(to));
      }
    } else {
      std::ranges::copy(ahead, x.begin());
    }
    level = to;
    if (options.on_step) {
      options.on_step({.step = static_cast<int>(i) + 1,
                       .steps = static_cast<int>(walk.size()),
                       .x = x,
                       .x0 = to > 0 ? ahead_x0 : x0});
    }
  }
}

}  // namespace easel
