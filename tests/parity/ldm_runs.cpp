#include "ldm_runs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "pipeline/families/ldm/ldm_family.h"
#include "pipeline/models.h"
#include "support/compare.h"

namespace easel::parity {
namespace {

namespace fs = std::filesystem;
using testing::BackendCase;
using testing::Expected;

std::int64_t lines_of(const fs::path& file) {
  const std::string text = testing::read_text(file);
  return std::ranges::count(text, '\n') + (text.ends_with('\n') ? 0 : 1);
}

ModelLocation location_of(const LdmFixture& fixture) {
  return {.path = fixture.file,
          .config = fixture.folder / "config.yaml",
          .vocab = vocabulary_of(fixture)};
}

// A run's own settings, from its name: "ddim", "plms", "ddim_eta1", "ddim_eta0.5".
testing::Asked request_of(const LdmFixture& fixture, const std::string& run, std::size_t picture) {
  const Expected& expected = fixture.expected;
  const auto& shape = expected.at(run + ".x_T").shape;
  const std::size_t eta = run.find("_eta");
  Diffusion how{.steps = static_cast<int>(expected.at(run + ".trajectory").shape[0]),
                .sampler = run.substr(0, eta),
                .scale = expected.number("scale")};
  if (eta != std::string::npos) how.eta = std::stod(run.substr(eta + 4));
  testing::Asked asked = testing::asked(expected.texts("prompts").at(picture), how);
  asked.recipe.size = {.width = static_cast<int>(shape[3]) * fixture.config.autoencoder.factor(),
                       .height = static_cast<int>(shape[2]) * fixture.config.autoencoder.factor()};
  asked.which.keep_latents = true;
  return asked;
}

// Picture `p` of a tensor [steps, pictures, …], step `k`.
std::vector<float> of_step(const Expected& expected, const std::string& name, std::size_t k,
                           std::size_t p) {
  const std::vector<float> all = expected.item(name, k);
  const std::size_t size = all.size() / static_cast<std::size_t>(expected.at(name).shape[1]);
  const auto begin = all.begin() + static_cast<std::ptrdiff_t>(p * size);
  return {begin, begin + static_cast<std::ptrdiff_t>(size)};
}

testing::GivenNoise noise_of(const Expected& expected, const std::string& run, std::size_t p) {
  std::vector<std::vector<float>> draws = {expected.item(run + ".x_T", p)};
  if (expected.has(run + ".noise")) {
    const auto steps = static_cast<std::size_t>(expected.at(run + ".noise").shape[0]);
    for (std::size_t k = 0; k < steps; ++k)
      draws.push_back(of_step(expected, run + ".noise", k, p));
  }
  return testing::GivenNoise(std::move(draws));
}

void compare_picture_of_run(const LdmFixture& fixture, const std::string& run, std::size_t p,
                            testing::TestModel& model) {
  const Expected& expected = fixture.expected;
  testing::GivenNoise noise = noise_of(expected, run, p);
  const testing::Asked request = request_of(fixture, run, p);
  int steps = 0;
  const auto on_step = [&](const DrawStep& event) {
    const auto latent =
        of_step(expected, run + ".trajectory", static_cast<std::size_t>(steps++), p);
    EXPECT_LE(testing::relative_rms(event.latents, latent), expected.tolerance("latent"))
        << run << " picture " << p << " step " << steps;
  };
  auto pictures = model.draw(request, {.on_step = on_step, .noise = &noise});
  ASSERT_EQ(pictures.size(), 1u);
  EXPECT_EQ(steps, static_cast<int>(expected.at(run + ".trajectory").shape[0]));
  if (!expected.has(run + ".image")) return;
  std::vector<float>& decoded = pictures[0].decoded;
  for (float& value : decoded) value = std::clamp((value + 1) / 2, 0.0f, 1.0f);
  EXPECT_LE(testing::largest_difference(decoded, expected.item(run + ".image", p)),
            expected.tolerance("pixel"));
}

void compare_timesteps(const LdmFixture& fixture, const std::string& run) {
  const auto plan =
      plan_timesteps(Schedule(fixture.config.schedule),
                     static_cast<int>(fixture.expected.at(run + ".trajectory").shape[0]));
  std::vector<float> visited;
  for (const auto& step : plan.steps) visited.push_back(static_cast<float>(step.timestep));
  EXPECT_EQ(visited, fixture.expected.at(run + ".timesteps").values);
}

}  // namespace

std::optional<fs::path> vocabulary_of(const LdmFixture& fixture) {
  if (fs::exists(fixture.folder / "vocab.txt")) return fixture.folder / "vocab.txt";
  const auto larger = fs::path(EASEL_SOURCE_DIR) / "../shared/fixtures";
  for (const fs::path& set : {fixture.folder.parent_path(), testing::fixtures_folder(), larger}) {
    if (!fs::exists(set)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(set)) {
      if (entry.path().filename().string().ends_with("vocab.txt") &&
          lines_of(entry.path()) == fixture.config.text.vocabulary) {
        return entry.path();
      }
    }
  }
  return std::nullopt;
}

void compare_prompts(const LdmFixture& fixture, const BackendCase& which) {
  const auto encoded = [&](const std::string& prompt) {
    const DiffusionParts parts =
        open_ldm({.location = location_of(fixture), .weights = open_model_weights(fixture.file)},
                 {.backend = testing::options_of(which)});
    const Prompts prompts{.prompt = prompt, .negative = "", .guided = false};
    parts.prompts->prepare(prompts);
    EXPECT_TRUE(parts.prompts->remembers(prompts));
    const Told told = parts.prompts->told(prompts);
    return testing::values_of(*parts.backend, told.contexts.front().sequence);
  };
  const Expected& expected = fixture.expected;
  const auto prompts = expected.texts("prompts");
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    EXPECT_LE(testing::relative_rms(encoded(prompts[i]), expected.item("context", i)),
              expected.tolerance("network"))
        << prompts[i];
  }
  if (!expected.has("context_empty")) return;
  EXPECT_LE(testing::relative_rms(encoded(""), expected.item("context_empty", 0)),
            expected.tolerance("network"));
}

void compare_run(const LdmFixture& fixture, const std::string& name, const BackendCase& which) {
  testing::TestModel model(location_of(fixture), {.backend = testing::options_of(which)});
  if (fixture.expected.has(name + ".timesteps")) compare_timesteps(fixture, name);
  const auto pictures = static_cast<std::size_t>(fixture.expected.at(name + ".x_T").shape[0]);
  // The reference is slow: it draws the first picture, the others all.
  for (std::size_t p = 0; p < (which.name == "reference" ? 1 : pictures); ++p) {
    compare_picture_of_run(fixture, name, p, model);
  }
}

void compare_rounding(const LdmFixture& fixture, const DrawingOptions& options, double least) {
  const std::string run = fixture.expected.before(".image").at(0) == "vae"
                              ? fixture.expected.before(".image").at(1)
                              : fixture.expected.before(".image").at(0);
  testing::GivenNoise noise = noise_of(fixture.expected, run, 0);
  testing::TestModel model(location_of(fixture), options);
  const auto picture = model.draw(request_of(fixture, run, 0), {.noise = &noise}).at(0).decoded;
  const std::vector<float> exact = fixture.expected.item(run + ".image", 0);
  ASSERT_EQ(picture.size(), exact.size());
  double squares = 0;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    const double seen = std::clamp((double{picture[i]} + 1) / 2, 0.0, 1.0);
    squares += (seen - exact[i]) * (seen - exact[i]);
  }
  const double psnr = 10 * std::log10(static_cast<double>(exact.size()) / std::max(squares, 1e-12));
  std::printf("             %.1f dB\n", psnr);
  EXPECT_GE(psnr, least);
}

}  // namespace easel::parity
