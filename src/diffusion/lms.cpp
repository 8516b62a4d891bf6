#include <array>
#include <deque>

#include "diffusion/sampler_steps.h"

namespace easel {
namespace {

constexpr std::size_t kOrder = 4;

// The integral from sigmas[i] to sigmas[i + 1] of the polynomial that is 1 at sigmas[i - j] and 0
// at the others of the last `order` levels. Gauss and Legendre's two points are exact up to
// degree 3.
double coefficient(std::span<const double> sigmas, std::size_t i, std::size_t j,
                   std::size_t order) {
  const double middle = (sigmas[i] + sigmas[i + 1]) / 2;
  const double half = (sigmas[i + 1] - sigmas[i]) / 2;
  double sum = 0;
  for (const double point : {-1 / std::sqrt(3.0), 1 / std::sqrt(3.0)}) {
    const double tau = middle + half * point;
    double product = 1;
    for (std::size_t k = 0; k < order; ++k) {
      if (k == j) continue;
      product *= (tau - sigmas[i - k]) / (sigmas[i - j] - sigmas[i - k]);
    }
    sum += product;
  }
  return half * sum;
}

}  // namespace

// Adams and Bashforth's method with unequal steps, on dx/dsigma.
void lms(std::span<float> x, const Denoiser& model, std::span<const double> sigmas,
         const StepOptions& options) {
  std::vector<float> x0(x.size());
  std::deque<std::vector<float>> slopes;  // newest first
  for (std::size_t i = 0; i + 1 < sigmas.size(); ++i) {
    model(x, sigmas[i], x0);
    if (slopes.size() == kOrder) slopes.pop_back();
    auto& slope = slopes.emplace_front(x.size());
    const auto sigma = static_cast<float>(sigmas[i]);
    for (std::size_t k = 0; k < x.size(); ++k) slope[k] = (x[k] - x0[k]) / sigma;
    for (std::size_t j = 0; j < slopes.size(); ++j) {
      add_scaled(slopes[j], coefficient(sigmas, i, j, slopes.size()), x);
    }
    report_step(options, i, sigmas, x, x0);
  }
}

}  // namespace easel
