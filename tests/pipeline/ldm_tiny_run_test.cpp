// Whole runs of ldm-tiny against the original's: the latent after each of ten guided steps, and the
// picture.

#include <gtest/gtest.h>

#include <algorithm>

#include "models.h"
#include "pipeline/families/ldm/ldm_family.h"
#include "support/compare.h"
#include "support/tensors.h"

namespace easel {
namespace {

using testing::Asked;
using testing::BackendCase;
using testing::FixtureTensor;

constexpr double kLatentTolerance = 2e-5;  // relative RMS
constexpr double kPixelTolerance = 1.0 / 255;
constexpr int kSteps = 10;

const std::vector<std::string> kPrompts = {"a virus monster is playing guitar, oil on canvas",
                                           "cat wearing sunglasses in the style of Van Gogh",
                                           "Ship at sea in a storm, as a painting of "
                                           "Dal\u00ed (1929), surrealist"};

class LdmTinyRun : public ::testing::TestWithParam<BackendCase> {
 protected:
  void SetUp() override {
    EASEL_NEEDS_SHARED(testing::ldm_tiny());
    expected_ = testing::read_safetensors_f32(
        testing::shared_file("fixtures/ldm-tiny/expected.safetensors"));
    model_.emplace(ModelLocation{.path = testing::ldm_tiny(), .vocab = testing::bert_vocabulary()},
                   DrawingOptions{.backend = testing::options_of(GetParam())});
  }

  static std::vector<float> encoded(const std::string& prompt) {
    const DiffusionParts parts =
        open_ldm({.location = {.path = testing::ldm_tiny(), .vocab = testing::bert_vocabulary()},
                  .weights = open_model_weights(testing::ldm_tiny())},
                 {.backend = testing::options_of(GetParam())});
    parts.prompts->prepare({&prompt, 1});
    EXPECT_TRUE(parts.prompts->remembers({&prompt, 1}));
    const Conditioning conditioning = parts.prompts->conditioning({&prompt, 1});
    return testing::values_of(*parts.backend, conditioning.sequence);
  }

  // Item `i` of the outermost dimension but `outer` of a fixture.
  std::vector<float> item(const std::string& name, std::size_t i) const {
    const FixtureTensor& tensor = expected_.at(name);
    const std::size_t size = tensor.values.size() / static_cast<std::size_t>(tensor.shape[0]);
    const auto begin = tensor.values.begin() + static_cast<std::ptrdiff_t>(i * size);
    return {begin, begin + static_cast<std::ptrdiff_t>(size)};
  }

  // Draws picture `p` of a fixture and compares every step.
  void compare_run(const std::string& name, std::size_t p, Diffusion how) {
    const auto half = [&](std::vector<float> both) {
      const std::size_t size = both.size() / 2;
      const auto begin = both.begin() + static_cast<std::ptrdiff_t>(p * size);
      return std::vector<float>(begin, begin + static_cast<std::ptrdiff_t>(size));
    };
    std::vector<std::vector<float>> draws = {item(name + ".x_T", p)};
    if (expected_.contains(name + ".noise")) {
      for (std::size_t k = 0; k < kSteps; ++k) draws.push_back(half(item(name + ".noise", k)));
    }
    testing::GivenNoise noise(std::move(draws));
    int steps = 0;
    const auto on_step = [&](const DrawStep& event) {
      const auto expected = half(item(name + ".trajectory", static_cast<std::size_t>(steps++)));
      EXPECT_LE(testing::relative_rms(event.latents, expected), kLatentTolerance)
          << name << " picture " << p << " step " << steps;
      EXPECT_EQ(event.steps, kSteps);
    };
    how.steps = kSteps;
    how.scale = 5;
    Asked asked = testing::asked(kPrompts[p], how);
    asked.which.keep_latents = true;

    auto pictures = model_->draw(asked, {.on_step = on_step, .noise = &noise});

    ASSERT_EQ(pictures.size(), 1u);
    EXPECT_EQ(steps, kSteps);
    std::vector<float>& decoded = pictures[0].decoded;
    for (float& value : decoded) value = std::clamp((value + 1) / 2, 0.0f, 1.0f);
    EXPECT_LE(testing::largest_difference(decoded, item(name + ".image", p)), kPixelTolerance);
  }

  // The reference is slow: it draws the first of a fixture's two pictures, the others both.
  static std::vector<std::size_t> pictures() {
    if (GetParam().name == "reference") return {0};
    return {0, 1};
  }

  std::map<std::string, FixtureTensor> expected_;
  std::optional<testing::TestModel> model_;
};

TEST_P(LdmTinyRun, PromptsAreEncodedAsInTheOriginal) {
  for (std::size_t i = 0; i < kPrompts.size(); ++i) {
    EXPECT_LE(testing::relative_rms(encoded(kPrompts[i]), item("context", i)), 1e-5);
  }
  EXPECT_LE(testing::relative_rms(encoded(""), item("context_empty", 0)), 1e-5);
}

TEST_P(LdmTinyRun, DdimMatchesTheOriginalStepByStep) {
  for (const std::size_t p : pictures()) compare_run("ddim", p, {.sampler = "ddim"});
}

TEST_P(LdmTinyRun, PlmsMatchesTheOriginalStepByStep) {
  for (const std::size_t p : pictures()) compare_run("plms", p, {.sampler = "plms"});
}

TEST_P(LdmTinyRun, DdimWithNoiseMatchesTheOriginalStepByStep) {
  for (const std::size_t p : pictures()) {
    compare_run("ddim_eta1", p, {.sampler = "ddim", .eta = 1.0});
  }
}

INSTANTIATE_TEST_SUITE_P(Backends, LdmTinyRun, ::testing::ValuesIn(testing::all_backends()),
                         testing::backend_case_name);

}  // namespace
}  // namespace easel
