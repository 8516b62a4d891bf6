#include <array>
#include <cassert>

#include "diffusion/dpm_solver_steps.h"
#include "diffusion/sampler_steps.h"

// Lu et al. 2022, "DPM-Solver", the singlestep solvers as k-diffusion has them: from the highest
// sigma to the lowest above 0, where they end.

namespace easel {
namespace {

struct Ends {
  float start, end;  // lambda = -log(sigma), rising
};
Ends ends_of(std::span<const double> sigmas) {
  const double last = sigmas.back() > 0 ? sigmas.back() : sigmas[sigmas.size() - 2];
  return {.start = FloatLevel::t(sigmas.front()), .end = FloatLevel::t(last)};
}

// The step's ancestral form: how far the solver goes, and the deviation of the noise added there.
struct Goal {
  float t, up;
};
Goal goal_of(float t, float t_next, float t_end, double eta) {
  if (eta == 0) return {.t = t_next, .up = 0};
  const float to = FloatLevel::sigma(t_next);
  const double down = ancestral_step(FloatLevel::sigma(t), to, eta).down;
  const float t_down = down > 0 ? std::min(t_end, FloatLevel::t(down)) : t_end;
  const float level = FloatLevel::sigma(t_down);
  return {.t = t_down, .up = std::sqrt(std::max(0.0f, to * to - level * level))};
}

}  // namespace

// Orders 3, 3, … so that as many evaluations are made as there are steps.
void dpm_fast(std::span<float> x, const Denoiser& model, std::span<const double> sigmas,
              const StepOptions& options) {
  assert(options.eta == 0 || options.noise != nullptr);
  const auto [start, end] = ends_of(sigmas);
  const int evaluations = static_cast<int>(sigmas.size()) - (sigmas.back() > 0 ? 0 : 1);
  const int steps = evaluations / 3 + 1;
  DpmSolverStep solver(model, x.size());
  std::vector<float> noise(x.size());
  const std::vector<float> times = float_linspace(start, end, steps + 1);
  int left = evaluations;
  for (int i = 0; i < steps; ++i) {
    const float t = times[static_cast<std::size_t>(i)];
    const float t_next = times[static_cast<std::size_t>(i) + 1];
    // The last two share what three orders leave: 2 and 1, or one of 1 or 2.
    int order = std::min(3, left);
    if (evaluations % 3 == 0 && i == steps - 2) order = 2;
    left -= order;
    const Goal to = goal_of(t, t_next, end, options.eta);
    solver.evaluate(x, t);
    solver.step(x, t, to.t, order, x);
    if (options.eta > 0) {
      options.noise->draw(noise);
      add_scaled(noise, to.up, x);
    }
    if (options.on_step) {
      options.on_step({.step = i + 1, .steps = steps, .x = x, .x0 = solver.x0()});
    }
  }
}

namespace {

// The step's length from how far the orders 2 and 3 are apart: k-diffusion's controller with
// coefficient 1 for the integral part and 0 for the others.
class StepLength {
 public:
  StepLength(double first, double order) : length_(first), order_(order) {}
  double length() const { return length_; }
  bool accepts(double error) {
    constexpr double kSafety = 0.81;
    const double factor = 1 + std::atan(std::pow(1 / (error + 1e-8), 1 / order_) - 1);  // tempered
    length_ *= factor;
    return factor >= kSafety;
  }

 private:
  double length_, order_;
};

double error_between(std::span<const float> low, std::span<const float> high,
                     std::span<const float> before) {
  constexpr double kRelative = 0.05, kAbsolute = 0.0078;
  double sum = 0;
  for (std::size_t k = 0; k < low.size(); ++k) {
    const double size = std::max(std::abs(low[k]), std::abs(before[k]));
    const double part = (low[k] - high[k]) / std::max(kAbsolute, kRelative * size);
    sum += part * part;
  }
  return std::sqrt(sum / static_cast<double>(low.size()));
}

}  // namespace

void dpm_adaptive(std::span<float> x, const Denoiser& model, std::span<const double> sigmas,
                  const StepOptions& options) {
  assert(options.eta == 0 || options.noise != nullptr);
  const auto [start, end] = ends_of(sigmas);
  DpmSolverStep solver(model, x.size());
  StepLength length(0.05, options.eta > 0 ? 1.5 : 3);
  std::vector<float> low(x.size()), high(x.size()), noise(x.size());
  std::vector<float> before(x.begin(), x.end());
  float t = start;
  for (int i = 0; t < end - 1e-5f; ++i) {
    const float t_next = std::min(end, t + static_cast<float>(length.length()));
    const Goal to = goal_of(t, t_next, end, options.eta);
    solver.evaluate(x, t);
    solver.step(x, t, to.t, 2, low, 1.0f / 3);
    solver.step(x, t, to.t, 3, high);
    if (length.accepts(error_between(low, high, before))) {
      std::swap(before, low);
      std::ranges::copy(high, x.begin());
      if (options.eta > 0) {
        options.noise->draw(noise);
        add_scaled(noise, to.up, x);
      }
      t = t_next;
    }
    if (options.on_step) {  // nobody knows how many are to come: half of what is done, at least one
      const int left = t < end - 1e-5f ? 1 + i / 2 : 0;
      options.on_step({.step = i + 1, .steps = i + 1 + left, .x = x, .x0 = solver.x0()});
    }
  }
}

}  // namespace easel
