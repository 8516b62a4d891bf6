// On a real network, unguided: the more steps a solver takes, the nearer it comes to where a
// 1000-step DDIM ends. That reference is itself about 0.003 to 0.005 away from the exact solution,
// which the best solvers reach at 40 steps.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <iostream>
#include <limits>
#include <memory>

#include "diffusion/samplers.h"
#include "models.h"
#include "support/compare.h"

namespace easel {
namespace {

class SolverConvergence : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    model_ = std::make_unique<testing::TestModel>(
        ModelLocation{.path = testing::ldm_mini(), .vocab = testing::mini_vocabulary()},
        DrawingOptions{.backend = testing::options_of(testing::usual_backend())});
    reference_ = latent("ddim", 1000);
  }
  static void TearDownTestSuite() { model_.reset(); }

  static std::vector<float> latent(std::string_view sampler, int steps) {
    testing::Asked asked = testing::asked(
        "a cat", {.steps = steps, .sampler = std::string(sampler), .scale = 1, .eta = 0.0}, 1);
    asked.recipe.size = {.width = 32, .height = 32};
    asked.which.keep_latents = true;
    return model_->draw(asked).at(0).latent;
  }

  static std::unique_ptr<testing::TestModel> model_;
  static std::vector<float> reference_;
};

std::unique_ptr<testing::TestModel> SolverConvergence::model_;
std::vector<float> SolverConvergence::reference_;

TEST_F(SolverConvergence, DistanceToAThousandStepDdimFallsWithTheSteps) {
  for (const Sampler& sampler : samplers()) {
    if (sampler.needs_noise) continue;  // they solve another equation
    double last = std::numeric_limits<double>::infinity();
    std::string line(sampler.id);
    for (const int steps : {10, 20, 40}) {
      const double distance = testing::relative_rms(latent(sampler.id, steps), reference_);
      line += fmt::format("  {}: {:.5f}", steps, distance);
      EXPECT_LT(distance, last) << sampler.id << " with " << steps << " steps";
      last = distance;
    }
    std::cout << line << "\n";
  }
}

}  // namespace
}  // namespace easel
