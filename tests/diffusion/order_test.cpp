#include <gtest/gtest.h>

#include <cmath>

#include "diffusion/samplers.h"

// For data that is a unit Gaussian the exact denoiser is x / (1 + sigma^2), and the exact solution
// of the ODE keeps x / sqrt(1 + sigma^2) constant. Halving the steps must divide each solver's
// error by 2 to its order.

namespace easel {
namespace {

constexpr double kFrom = 10;
constexpr double kTo = 0.1;

void gaussian(std::span<const float> x, double sigma, std::span<float> x0) {
  for (std::size_t i = 0; i < x.size(); ++i) {
    x0[i] = static_cast<float>(x[i] / (1 + sigma * sigma));
  }
}

// Sigmas evenly spaced in a smooth rising function of time, as real schedules are.
std::vector<double> sigmas_for(int steps) {
  std::vector<double> sigmas;
  for (int i = 0; i <= steps; ++i) {
    const double part = static_cast<double>(i) / steps;
    const double root = std::cbrt(kFrom) + part * (std::cbrt(kTo) - std::cbrt(kFrom));
    sigmas.push_back(root * root * root);
  }
  return sigmas;
}

double error_of(SigmaSampler run, int steps) {
  std::vector<float> x{static_cast<float>(std::sqrt(1 + kFrom * kFrom))};
  run(x, gaussian, sigmas_for(steps), {});
  return std::abs(x[0] / std::sqrt(1 + kTo * kTo) - 1);
}

void expect_order(SigmaSampler run, double order, int steps) {
  const double coarse = error_of(run, steps);
  const double fine = error_of(run, 2 * steps);
  const double measured = std::log2(coarse / fine);
  EXPECT_GT(fine, 2e-6) << "too close to what float can show";
  EXPECT_GT(measured, order - 0.25) << coarse << " -> " << fine;
  EXPECT_LT(measured, order + 0.7) << coarse << " -> " << fine;
  ::testing::Test::RecordProperty("order", std::to_string(measured));
  std::printf("  order %.2f (errors %.2e, %.2e)\n", measured, coarse, fine);
}

TEST(Order, EulerIsFirst) { expect_order(euler, 1, 100); }
TEST(Order, AncestralEulerWithoutNoiseIsFirst) { expect_order(euler_ancestral, 1, 100); }
TEST(Order, HeunIsSecond) { expect_order(heun, 2, 40); }
TEST(Order, DpmSolverPlusPlus2MIsSecond) { expect_order(dpm_solver_pp_2m, 2, 40); }
TEST(Order, UniPc2IsThird) { expect_order(unipc_2, 3, 20); }
TEST(Order, UniPc3IsFourth) { expect_order(unipc_3, 4, 20); }

// In the training's scaling x stays constant, and the noise in it is sqrt(1 - a) x.
double timestep_error(TimestepSampler run, int steps) {
  TimestepPlan plan;
  const auto alpha = [](double sigma) { return static_cast<float>(1 / (1 + sigma * sigma)); };
  const auto sigmas = sigmas_for(steps);
  for (int i = 0; i < steps; ++i) {
    const auto at = static_cast<std::size_t>(i);
    plan.steps.push_back(
        {.timestep = i, .alpha = alpha(sigmas[at]), .alpha_next = alpha(sigmas[at + 1])});
  }
  const EpsModel model = [&](std::span<const float> x, int step, std::span<float> eps) {
    eps[0] = std::sqrt(1 - plan.steps[static_cast<std::size_t>(step)].alpha) * x[0];
  };
  std::vector<float> x{1};
  run(x, model, plan, {});
  return std::abs(x[0] - 1);
}

TEST(Order, DdimIsFirst) {
  EXPECT_NEAR(std::log2(timestep_error(ddim, 100) / timestep_error(ddim, 200)), 1, 0.1);
}

TEST(Order, PlmsIsSecond) {
  const double measured = std::log2(timestep_error(plms, 40) / timestep_error(plms, 80));
  EXPECT_GT(measured, 1.75);
  EXPECT_LT(measured, 2.7);
}

// With the last sigma at 0 every solver ends at the denoiser's own picture.
TEST(Order, EverySamplerEndsAtZeroNoiseWithoutInfinities) {
  for (const SigmaSampler run :
       {euler, euler_ancestral, heun, dpm_solver_pp_2m, unipc_2, unipc_3}) {
    for (int steps = 1; steps <= 5; ++steps) {
      auto sigmas = sigmas_for(steps);
      sigmas.back() = 0;
      std::vector<float> x{3, -1};
      run(x, gaussian, sigmas, {});
      EXPECT_TRUE(std::isfinite(x[0]));
      EXPECT_FLOAT_EQ(x[0], -3 * x[1]);
    }
  }
}

}  // namespace
}  // namespace easel
