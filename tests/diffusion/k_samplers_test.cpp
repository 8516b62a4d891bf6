// The samplers against runs of a Python program that is written from their papers, their order, and
// what only some of them take.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/json.h"
#include "diffusion/guidance.h"
#include "diffusion/plan.h"
#include "support/fixture_file.h"
#include "toys.h"

namespace easel {
namespace {

using testing::ldm;
using testing::made_up;

TEST(KSamplers, FollowTheFormulas) {
  const auto runs = Json::parse(testing::read_text(testing::data_file("k_sampler_runs.json")));
  ASSERT_EQ(runs.size(), 47u);
  for (const auto& run : runs) {
    const auto sigmas = run["sigmas"].get<std::vector<double>>();
    const auto expected = run["end"].get<std::vector<double>>();
    const Sampler& sampler = find_sampler(run["sampler"].get<std::string>());
    NoiseLevels levels{.sigmas = sigmas};
    if (sampler.consistency) levels.told = NoiseLevels::Told::kLcm;
    const Plan plan(ldm(), {.sampler = sampler, .path = levels, .start = StartScale::kSigma});
    TorchCpuRng rng(run["seed"].get<std::uint64_t>());
    BatchNoise noise(rng, {.batch = 1, .channels = 1, .height = 4, .width = 6});
    std::vector<float> x(24);
    noise.draw(x);
    plan.run(made_up, x, {.noise = &noise});
    double largest = 1;
    for (const double value : expected) largest = std::max(largest, std::abs(value));
    for (std::size_t i = 0; i < x.size(); ++i) {
      ASSERT_NEAR(x[i], expected[i], 2e-5 * largest)
          << sampler.id << " with " << sigmas.size() - 1 << " steps, value " << i;
    }
  }
}

// For data that is a unit Gaussian the exact denoiser is x / (1 + sigma^2).
double error_between(SigmaSampler run, int steps) {
  constexpr double kFrom = 10, kTo = 0.1;
  std::vector<double> sigmas;
  for (int i = 0; i <= steps; ++i) {
    const double part = static_cast<double>(i) / steps;
    sigmas.push_back(std::pow(std::cbrt(kFrom) + part * (std::cbrt(kTo) - std::cbrt(kFrom)), 3));
  }
  const Denoiser gaussian = [](std::span<const float> x, double sigma, std::span<float> x0) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      x0[i] = static_cast<float>(x[i] / (1 + sigma * sigma));
    }
  };
  std::vector<float> x{static_cast<float>(std::sqrt(1 + kFrom * kFrom))};
  run(x, gaussian, sigmas, {});
  return std::abs(x[0] / std::sqrt(1 + kTo * kTo) - 1);
}

TEST(KSamplers, ShowTheirOrderWithoutNoise) {
  const std::vector<std::tuple<const char*, SigmaSampler, double, int>> all{
      {"dpm_2", dpm_2, 2, 40},
      {"dpm_2_ancestral", dpm_2_ancestral, 2, 40},
      {"2s", dpm_solver_pp_2s_ancestral, 2, 40},
      {"sde", dpm_solver_pp_sde, 2, 40},
      {"2m sde", dpm_solver_pp_2m_sde, 2, 40},
      {"2m sde heun", dpm_solver_pp_2m_sde_heun, 2, 40},
      // Their first steps are of lower order, and that shows in the whole.
      {"3m sde", dpm_solver_pp_3m_sde, 2, 80},
      {"lms", lms, 3.5, 16}};
  for (const auto& [name, run, order, steps] : all) {
    const double measured = std::log2(error_between(run, steps) / error_between(run, 2 * steps));
    EXPECT_GT(measured, order - 0.35) << name;
    EXPECT_LT(measured, order + 0.9) << name;
  }
}

TEST(KSamplers, DrawFromTheirPicturesTreesWhateverTheStepsBefore) {
  // The noise of one and the same last step does not depend on how many came before.
  constexpr LatentShape kOnePicture{.batch = 1, .channels = 4, .height = 3, .width = 5};
  PerPictureNoise source(21, kOnePicture);
  const auto a = source.between(0.1, 10);
  const auto b = source.between(0.1, 10);
  std::vector<float> first(60), again(60), other(60);
  a->draw(1, 0.5, first);
  b->draw(10, 3, other);
  b->draw(1, 0.5, again);
  EXPECT_EQ(first, again);
}

TEST(Consistency, BecomesTheIdentityWithoutNoise) {
  const Denoiser zero = [](std::span<const float>, double, std::span<float> x0) { x0[0] = 0; };
  const TimeOf told = [](double sigma) { return static_cast<float>(sigma); };
  const Denoiser model = consistent(zero, told, {.timestep_scale = 10});
  std::vector<float> out(1);
  model(std::vector<float>{3}, 0, out);
  EXPECT_FLOAT_EQ(out[0], 3);
  model(std::vector<float>{3}, 900, out);
  EXPECT_NEAR(out[0], 0, 1e-6);
}

TEST(Guidance, IsBroughtToTheDeviationOfTheConditional) {
  const std::vector<float> conditional{1, -1, 1, -1, 2, -2, 2, -2};
  std::vector<float> guided{5, -5, 5, -5, 1, -1, 1, -1};
  rescale_guidance(conditional, 1, 2, guided);
  EXPECT_THAT(guided, ::testing::ElementsAre(1, -1, 1, -1, 2, -2, 2, -2));
  std::vector<float> mixed{5, -5, 5, -5, 1, -1, 1, -1};
  rescale_guidance(conditional, 0.5, 2, mixed);
  EXPECT_FLOAT_EQ(mixed[0], 3);
  EXPECT_FLOAT_EQ(mixed[4], 1.5);
  std::vector<float> same{5, -5};
  rescale_guidance(std::vector<float>{1, -1}, 0, 1, same);
  EXPECT_THAT(same, ::testing::ElementsAre(5, -5));
  std::vector<float> flat{4, 4};
  rescale_guidance(std::vector<float>{1, -1}, 0.7f, 1, flat);
  EXPECT_THAT(flat, ::testing::ElementsAre(4, 4));
}

TEST(Guidance, EmbedsItsScaleAsDiffusersDoes) {
  const auto known = Json::parse(testing::read_text(testing::data_file("noise_levels.json")));
  const auto expected = known["guidance_embedding_of_8"].get<std::vector<float>>();
  std::vector<float> values(256);
  guidance_embedding(8, values);
  // A frequency's last digit is 7000 times as much in the angle.
  for (std::size_t i = 0; i < 256; ++i) EXPECT_NEAR(values[i], expected[i], 6e-4) << i;
}

}  // namespace
}  // namespace easel
