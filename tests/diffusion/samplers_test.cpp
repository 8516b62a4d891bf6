#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/cancel.h"
#include "core/error.h"
#include "core/json.h"
#include "diffusion/plan.h"
#include "support/fixture_file.h"
#include "toys.h"

namespace easel {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::ldm;
using testing::made_up;
using testing::usage_error;

// Another that depends on the timestep and on x, for comparisons of runs.
constexpr LatentShape kShape{.batch = 2, .channels = 4, .height = 3, .width = 5};

std::vector<float> run_with_seed(const Sampler& sampler, std::uint64_t seed, LatentShape shape,
                                 std::optional<double> eta = {}) {
  PerPictureNoise noise(seed, shape);
  std::vector<float> x(static_cast<std::size_t>(shape.elements()));
  noise.draw(x);
  Plan(ldm(), {.sampler = sampler, .steps = 8, .eta = eta}).run(made_up, x, {.noise = &noise});
  return x;
}

TEST(Samplers, DdimAndPlmsFollowTheFormulasOfThePapers) {
  const auto runs =
      Json::parse(testing::read_text(testing::data_file("sampler_trajectories.json")));
  ASSERT_EQ(runs.size(), 8u);
  for (const auto& run : runs) {
    const auto name = run["sampler"].get<std::string>();
    const auto trajectory = run["trajectory"].get<std::vector<std::vector<float>>>();
    const auto timesteps = run["timesteps"].get<std::vector<float>>();
    SCOPED_TRACE(name + " " + run["steps"].dump());
    TorchCpuRng rng(run["seed"].get<std::uint64_t>());
    BatchNoise noise(rng, {.batch = 1, .channels = 1, .height = 4, .width = 6});
    std::vector<float> x(24);
    noise.draw(x);
    std::vector<float> visited;
    const Network network = [&](std::span<const float> in, float t, std::span<float> out) {
      visited.push_back(t);
      made_up(in, t, out);
    };
    std::size_t done = 0;
    const auto compare = [&](const StepEvent& event) {
      ASSERT_EQ(static_cast<std::size_t>(event.step), ++done);
      ASSERT_EQ(static_cast<std::size_t>(event.steps), trajectory.size());
      for (std::size_t i = 0; i < x.size(); ++i) {
        ASSERT_NEAR(event.x[i], trajectory[done - 1][i], 2e-5) << "step " << done << " value " << i;
      }
    };
    const Plan plan(ldm(), {.sampler = find_sampler(name),
                            .steps = run["steps"].get<int>(),
                            .eta = run["eta"].get<double>()});
    plan.run(network, x, {.noise = &noise, .draw_unused_noise = true, .on_step = compare});
    EXPECT_EQ(done, trajectory.size());
    EXPECT_EQ(visited.size(), run["evaluations"].get<std::size_t>());
    if (name == "ddim") {
      EXPECT_EQ(visited, timesteps);
    }
    // The generator stands where the original's would.
    std::vector<float> next(24);
    noise.draw(next);
    const auto expected = run["next_draw"].get<std::vector<float>>();
    for (std::size_t i = 0; i < next.size(); ++i) ASSERT_NEAR(next[i], expected[i], 1e-6);
  }
}

TEST(Samplers, PlmsEvaluatesOnceMoreThanItHasSteps) {
  for (const int steps : {1, 2, 3, 5, 30, 50}) {
    int evaluations = 0;
    const Network network = [&](std::span<const float> x, float t, std::span<float> out) {
      ++evaluations;
      made_up(x, t, out);
    };
    std::vector<float> x(4, 0.5f);
    const Plan plan(ldm(), {.sampler = find_sampler("plms"), .steps = steps});
    plan.run(network, x);
    EXPECT_EQ(evaluations, plan.steps() + 1);
  }
}

TEST(Samplers, EvaluateAsOftenAsTheySay) {
  const std::map<std::string_view, int> expected{{"ddim", 10},         {"euler", 10},
                                                 {"euler-a", 10},      {"heun", 19},
                                                 {"dpmpp-2m", 10},     {"dpmpp-2m-karras", 10},
                                                 {"unipc", 10},        {"unipc-3", 10},
                                                 {"plms", 11},         {"lms", 10},
                                                 {"dpm2", 19},         {"dpm2-a", 19},
                                                 {"lcm", 10},          {"restart", 19},
                                                 {"dpmpp-2s-a", 19},   {"dpm-fast", 10},
                                                 {"dpmpp-sde", 19},    {"dpmpp-2m-sde", 10},
                                                 {"dpmpp-3m-sde", 10}, {"dpmpp-2m-sde-heun", 10}};
  for (const Sampler& sampler : samplers()) {
    int evaluations = 0;
    int events = 0;
    const int steps = sampler.id == "dpm-fast" ? 4 : 10;  // of order 3, 3, 3 and 1
    const Network network = [&](std::span<const float> x, float t, std::span<float> out) {
      ++evaluations;
      made_up(x, t, out);
    };
    PerPictureNoise noise(1, kShape);
    std::vector<float> x(static_cast<std::size_t>(kShape.elements()), 0.1f);
    const auto count = [&](const StepEvent& event) {
      EXPECT_EQ(event.step, ++events);
      EXPECT_EQ(event.steps, steps);
      EXPECT_EQ(event.x.size(), x.size());
      EXPECT_EQ(event.x0.size(), x.size());
    };
    Plan(ldm(), {.sampler = sampler, .steps = 10})
        .run(network, x, {.noise = &noise, .on_step = count});
    EXPECT_EQ(evaluations, expected.at(sampler.id)) << sampler.id;
    EXPECT_EQ(events, steps) << sampler.id;
  }
}

TEST(Samplers, ComeToTheSameEndFromTheSameStart) {
  // Without fresh noise all solve one ODE: with many steps they meet.
  std::vector<float> reference;
  for (const Sampler& sampler : samplers()) {
    if (sampler.needs_noise || sampler.id == "dpm-fast") continue;  // that one ends before 0
    std::vector<float> x{1.0f, -0.5f, 0.2f, 2.0f};
    const TimestepRule to_zero{.original = false, .steps_offset = 1, .set_alpha_to_one = true};
    Plan(ldm(), {.sampler = sampler, .steps = 500, .eta = 0, .rule = to_zero}).run(made_up, x);
    if (reference.empty()) reference = x;
    for (std::size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(x[i], reference[i], 0.02) << sampler.id;
  }
}

TEST(Samplers, APictureOfABatchEqualsThatPictureDrawnAlone) {
  LatentShape one = kShape;
  one.batch = 1;
  for (const Sampler& sampler : samplers()) {
    const auto both = run_with_seed(sampler, 41, kShape);
    auto alone = run_with_seed(sampler, 41, one);
    const auto second = run_with_seed(sampler, 42, one);
    alone.insert(alone.end(), second.begin(), second.end());
    EXPECT_EQ(both, alone) << sampler.id;
  }
}

TEST(Samplers, GiveTheSameResultTwice) {
  for (const Sampler& sampler : samplers()) {
    EXPECT_EQ(run_with_seed(sampler, 7, kShape), run_with_seed(sampler, 7, kShape)) << sampler.id;
    EXPECT_NE(run_with_seed(sampler, 7, kShape), run_with_seed(sampler, 8, kShape)) << sampler.id;
  }
}

TEST(Samplers, EtaBringsInNoise) {
  for (const auto* id : {"ddim", "euler-a"}) {
    const auto& sampler = find_sampler(id);
    EXPECT_NE(run_with_seed(sampler, 7, kShape, 0.0), run_with_seed(sampler, 7, kShape, 1.0));
    EXPECT_NE(run_with_seed(sampler, 7, kShape, 0.5), run_with_seed(sampler, 7, kShape, 1.0));
  }
  EXPECT_EQ(run_with_seed(find_sampler("euler-a"), 7, kShape, 0.0),
            run_with_seed(find_sampler("euler"), 7, kShape));
}

TEST(Samplers, UnusedNoiseMovesTheGeneratorOnAndNothingElse) {
  std::vector<std::vector<float>> results;
  for (const bool draw : {false, true}) {
    PerPictureNoise noise(5, kShape);
    std::vector<float> x(static_cast<std::size_t>(kShape.elements()));
    noise.draw(x);
    Plan(ldm(), {.sampler = find_sampler("ddim"), .steps = 4})
        .run(made_up, x, {.noise = &noise, .draw_unused_noise = draw});
    results.push_back(x);
  }
  EXPECT_EQ(results[0], results[1]);
}

TEST(Samplers, StopWhenTheCallbackThrows) {
  for (const Sampler& sampler : samplers()) {
    PerPictureNoise noise(1, kShape);
    std::vector<float> x(static_cast<std::size_t>(kShape.elements()));
    CancelToken token;
    int steps = 0;
    const auto stop_at_three = [&](const StepEvent& event) {
      steps = event.step;
      if (event.step == 3) token.cancel();
      token.check();
    };
    const Plan plan(ldm(), {.sampler = sampler});
    EXPECT_THROW(plan.run(made_up, x, {.noise = &noise, .on_step = stop_at_three}), Error);
    EXPECT_EQ(steps, 3) << sampler.id;
  }
}

TEST(Samplers, AreFoundByTheNamesThatOtherProgramsUse) {
  const std::map<std::string, std::string> names{{"Euler a", "euler-a"},
                                                 {"euler_a", "euler-a"},
                                                 {"Euler", "euler"},
                                                 {"DPM++ 2M", "dpmpp-2m"},
                                                 {"dpm++2m", "dpmpp-2m"},
                                                 {"DPM++ 2M Karras", "dpmpp-2m-karras"},
                                                 {"DDIM", "ddim"},
                                                 {"PLMS", "plms"},
                                                 {"UniPC", "unipc"},
                                                 {"Heun", "heun"},
                                                 {"k_euler_ancestral", "euler-a"},
                                                 {"LMS", "lms"},
                                                 {"DPM2 a", "dpm2-a"},
                                                 {"DPM++ 2S a", "dpmpp-2s-a"},
                                                 {"DPM++ SDE", "dpmpp-sde"},
                                                 {"DPM++ 3M SDE", "dpmpp-3m-sde"},
                                                 {"Restart", "restart"},
                                                 {"LCM", "lcm"}};
  for (const auto& [name, id] : names) EXPECT_EQ(find_sampler(name).id, id) << name;
  for (const Sampler& sampler : samplers()) {
    EXPECT_EQ(&find_sampler(sampler.id), &sampler);
    EXPECT_EQ(&find_sampler(sampler.name), &sampler);
    EXPECT_FALSE(sampler.description.empty());
    EXPECT_TRUE(std::visit([](auto* run) { return run != nullptr; }, sampler.run));
  }
}

TEST(Samplers, AnUnknownNameIsAnsweredWithTheNearest) {
  EXPECT_THAT(usage_error([] { find_sampler("dimm"); }), HasSubstr("did you mean ddim"));
  EXPECT_THAT(usage_error([] { find_sampler("eular"); }), HasSubstr("did you mean euler?"));
  EXPECT_THAT(usage_error([] { find_sampler("unipcc"); }), HasSubstr("did you mean unipc?"));
  EXPECT_THAT(usage_error([] { find_sampler(""); }), HasSubstr("known: ddim, plms"));
  EXPECT_LT(usage_error([] { find_sampler(std::string(100000, 'x')); }).size(), 400u);
}

TEST(Samplers, RefuseWhatTheyDoNotTake) {
  const auto message = [](PlanRequest request) {
    return usage_error([&] { Plan(ldm(), request); });
  };
  EXPECT_THAT(
      message({.sampler = find_sampler("plms"), .eta = 0.5}),
      HasSubstr("plms takes no eta: it must be 0, 0.5 was asked for (ddim, euler-a, dpm2-a, "
                "dpmpp-2s-a, dpmpp-sde, dpmpp-2m-sde, dpmpp-2m-sde-heun, dpmpp-3m-sde and "
                "dpm-fast take it)"));
  EXPECT_THAT(message({.sampler = find_sampler("ddim"), .eta = std::nan("")}),
              HasSubstr("eta of nan"));
  EXPECT_THAT(message({.sampler = find_sampler("ddim"), .eta = -0.1}), HasSubstr("0 to 1"));
  EXPECT_THAT(message({.sampler = find_sampler("ddim"), .eta = 1.5}), HasSubstr("0 to 1"));
  EXPECT_THAT(message({.sampler = find_sampler("heun"), .steps = 0}), HasSubstr("0 steps"));
  EXPECT_THAT(message({.sampler = find_sampler("ddim"), .steps = 1001}), HasSubstr("1001 steps"));
  EXPECT_THAT(message({.sampler = find_sampler("plms"), .spacing = SigmaSpacing::kKarras}),
              HasSubstr("spacing"));
  EXPECT_THAT(Plan(ldm(), {.sampler = find_sampler("plms"), .eta = 0.0}).note(), IsEmpty());
}

TEST(Denoiser, TheThreeParameterizationsSayTheSame) {
  // One truth (x0, eps) told in three ways must give the same eps and the same x0.
  const std::vector<float> x0{0.3f, -0.8f}, eps{1.1f, 0.4f};
  for (const int t : {5, 400, 950}) {
    const double a = ldm().alphas_cumprod()[static_cast<std::size_t>(t)];
    const double sigma = std::sqrt((1 - a) / a);
    std::vector<float> vp(2), ve(2), out(2);
    for (std::size_t i = 0; i < 2; ++i) {
      vp[i] = static_cast<float>(std::sqrt(a) * x0[i] + std::sqrt(1 - a) * eps[i]);
      ve[i] = static_cast<float>(x0[i] + sigma * eps[i]);
    }
    const auto network = [&](Parameterization p) -> Network {
      return [&, p](std::span<const float> x, float timestep, std::span<float> y) {
        EXPECT_NEAR(timestep, t, 1e-3);
        for (std::size_t i = 0; i < 2; ++i) {
          EXPECT_NEAR(x[i], vp[i], 1e-5);
          const double v = std::sqrt(a) * eps[i] - std::sqrt(1 - a) * x0[i];
          y[i] = p == Parameterization::kEps  ? eps[i]
                 : p == Parameterization::kX0 ? x0[i]
                                              : static_cast<float>(v);
        }
      };
    };
    for (const auto p : {Parameterization::kEps, Parameterization::kX0, Parameterization::kV}) {
      eps_model(network(p), p, ldm())(vp, t, out);
      EXPECT_NEAR(out[0], eps[0], 2e-5);
      EXPECT_NEAR(out[1], eps[1], 2e-5);
      denoiser(network(p), p, ldm())(ve, sigma, out);
      EXPECT_NEAR(out[0], x0[0], 2e-5);
      EXPECT_NEAR(out[1], x0[1], 2e-5);
    }
  }
}

TEST(Denoiser, KnowsTheParameterizationsByName) {
  EXPECT_EQ(parameterization_named("eps"), Parameterization::kEps);
  EXPECT_EQ(parameterization_named("v_prediction"), Parameterization::kV);
  EXPECT_THROW(parameterization_named("score"), Error);
}

TEST(Noise, IsHandedOutInTheOrderAskedFor) {
  LatentShape planar = kShape;
  planar.channels_last = false;
  std::vector<float> torch(static_cast<std::size_t>(kShape.elements())), ours(torch.size());
  TorchCpuRng a(3), b(3);
  BatchNoise(a, planar).draw(torch);
  BatchNoise(b, kShape).draw(ours);
  std::vector<float> expected(torch.size());
  TorchCpuRng(3).normal(expected);
  EXPECT_EQ(torch, expected);
  for (int n = 0; n < 2; ++n) {
    for (int c = 0; c < 4; ++c) {
      for (int p = 0; p < 15; ++p) {
        ASSERT_EQ(ours[static_cast<std::size_t>((n * 15 + p) * 4 + c)],
                  torch[static_cast<std::size_t>((n * 4 + c) * 15 + p)]);
      }
    }
  }
}

TEST(Noise, SeedsWrapAround) {
  LatentShape three = kShape;
  three.batch = 3;
  const std::vector<std::uint64_t> seeds{~std::uint64_t{0}, 0, 1};
  std::vector<float> a(static_cast<std::size_t>(three.elements())), b(a.size());
  PerPictureNoise(~std::uint64_t{0}, three).draw(a);
  PerPictureNoise(seeds, three).draw(b);
  EXPECT_EQ(a, b);
}

}  // namespace
}  // namespace easel
