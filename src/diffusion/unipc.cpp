#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <utility>

#include "diffusion/samplers.h"

// UniPC predicting x0, in x = x0 + sigma eps (the paper's alpha is 1) with lambda = -log(sigma).

namespace easel {
namespace {

constexpr std::size_t kMaxOrder = 3;

// B(h) of the paper's appendix: what its corrections are measured by.
enum class Measure { kH, kExpm1 };

struct Rule {
  std::size_t max_order = 2;
  Measure measure = Measure::kExpm1;
  bool orders_fall = false;       // towards the end, to 1 at the last step
  bool report_corrected = false;  // a step is told once its end is corrected
};

struct Evaluation {
  double lambda;
  std::vector<float> x0;
};

// The linear system R rho = b of theorem 3.1, by Gaussian elimination with the largest pivot.
// `ratios` are the r of the earlier evaluations, and 1 for the corrector.
std::array<double, kMaxOrder> solve_rho(std::span<const double> ratios, double hh, double b_h) {
  const std::size_t n = ratios.size();
  std::array<std::array<double, kMaxOrder + 1>, kMaxOrder> rows{};
  double phi = std::expm1(hh) / hh - 1;
  double factorial = 1;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < n; ++k) rows[i][k] = std::pow(ratios[k], static_cast<double>(i));
    rows[i][n] = phi * factorial / b_h;
    factorial *= static_cast<double>(i + 2);
    phi = phi / hh - 1 / factorial;
  }
  for (std::size_t i = 0; i < n; ++i) {
    const auto pivot = std::ranges::max_element(rows.begin() + static_cast<std::ptrdiff_t>(i),
                                                rows.begin() + static_cast<std::ptrdiff_t>(n), {},
                                                [i](const auto& row) { return std::abs(row[i]); });
    std::swap(rows[i], *pivot);
    for (std::size_t r = 0; r < n; ++r) {
      if (r == i) continue;
      const double factor = rows[r][i] / rows[i][i];
      for (std::size_t k = i; k <= n; ++k) rows[r][k] -= factor * rows[i][k];
    }
  }
  std::array<double, kMaxOrder> rho{};
  for (std::size_t i = 0; i < n; ++i) rho[i] = rows[i][n] / rows[i][i];
  return rho;
}

// The shared part of algorithms 1 and 2: from x at history[0] (newest first) to sigma_to with
// `order` evaluations; the corrector also has the one at sigma_to.
void step(std::span<const float> x, const std::deque<Evaluation>& history, double sigma_to,
          std::size_t order, Measure measure, const std::vector<float>* x0_at_end,
          std::span<float> out) {
  const auto& newest = history.front();
  const double h = -std::log(sigma_to) - newest.lambda;
  const double hh = -h;
  std::array<double, kMaxOrder> ratios{};
  for (std::size_t k = 0; k + 1 < order; ++k) {
    ratios[k] = (history[k + 1].lambda - newest.lambda) / h;
  }
  ratios[order - 1] = 1;
  const std::size_t unknowns = x0_at_end != nullptr ? order : order - 1;
  // UniP-2 and UniC-1 take 1/2, which is right to their order (the paper's appendix F).
  std::array<double, kMaxOrder> rho{0.5};
  const double grown = std::expm1(hh);
  const double b_h = measure == Measure::kExpm1 ? grown : hh;
  if (unknowns > 1) rho = solve_rho(std::span(ratios).first(unknowns), hh, b_h);

  const auto ratio = static_cast<float>(std::exp(hh));  // sigma_to / sigma_from
  const auto phi = static_cast<float>(grown);
  const auto scale = static_cast<float>(grown != 0 ? b_h / grown : 0);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const float d = newest.x0[i];
    float correction = 0;
    for (std::size_t k = 0; k + 1 < order; ++k) {
      correction += static_cast<float>(rho[k] / ratios[k]) * (history[k + 1].x0[i] - d);
    }
    if (x0_at_end != nullptr) {
      correction += static_cast<float>(rho[order - 1]) * ((*x0_at_end)[i] - d);
    }
    out[i] = ratio * x[i] - phi * (d + scale * correction);
  }
}

void report_estimate(const StepOptions& options, std::size_t done, std::size_t steps,
                     std::span<const float> x, std::span<const float> x0) {
  if (!options.on_step) return;
  options.on_step(
      {.step = static_cast<int>(done), .steps = static_cast<int>(steps), .x = x, .x0 = x0});
}

void unipc(std::span<float> x, const Denoiser& model, std::span<const double> sigmas,
           const StepOptions& options, const Rule& rule) {
  std::deque<Evaluation> history;
  std::vector<float> predicted(x.begin(), x.end());
  const std::size_t steps = sigmas.size() - 1;
  std::size_t order = 1;
  for (std::size_t i = 0; i < steps; ++i) {
    Evaluation now{.lambda = -std::log(sigmas[i]), .x0 = std::vector<float>(x.size())};
    model(predicted, sigmas[i], now.x0);
    if (i > 0) {  // algorithm 1: correct the prediction with the evaluation made at its end
      step(x, history, sigmas[i], order, rule.measure, &now.x0, predicted);
      std::ranges::copy(predicted, x.begin());
      if (rule.report_corrected) report_estimate(options, i, steps, x, now.x0);
    }
    history.push_front(std::move(now));
    if (history.size() > rule.max_order) history.pop_back();
    order = rule.orders_fall ? std::min(history.size(), steps - i) : history.size();
    if (sigmas[i + 1] > 0) {  // algorithm 2: predict
      step(x, history, sigmas[i + 1], order, rule.measure, nullptr, predicted);
    } else {
      predicted = history.front().x0;
    }
    if (!rule.report_corrected || i + 1 == steps) {
      report_estimate(options, i + 1, steps, predicted, history.front().x0);
    }
  }
  std::ranges::copy(predicted, x.begin());
}

}  // namespace

void unipc_2(std::span<float> x, const Denoiser& model, std::span<const double> sigmas,
             const StepOptions& options) {
  unipc(x, model, sigmas, options, {.max_order = 2});
}

void unipc_3(std::span<float> x, const Denoiser& model, std::span<const double> sigmas,
             const StepOptions& options) {
  unipc(x, model, sigmas, options, {.max_order = 3});
}

void unipc_2_falling(std::span<float> x, const Denoiser& model, std::span<const double> sigmas,
                     const StepOptions& options) {
  unipc(x, model, sigmas, options, {.max_order = 2, .orders_fall = true});
}

void unipc_3_bh1(std::span<float> x, const Denoiser& model, std::span<const double> sigmas,
                 const StepOptions& options) {
  unipc(x, model, sigmas, options,
        {.max_order = 3, .measure = Measure::kH, .orders_fall = true, .report_corrected = true});
}

}  // namespace easel
