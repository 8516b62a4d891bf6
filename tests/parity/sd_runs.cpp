#include "sd_runs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "image/codec.h"
#include "support/compare.h"

namespace easel::parity {
namespace {

/// The first picture of latents [n, C, h, w].
Image decode(const DiffusionParts& parts, std::span<const float> latents, const Image::Size& size) {
  const LatentFacts latent = parts.codec->facts();
  const int height = size.height / latent.factor, width = size.width / latent.factor;
  const auto one = static_cast<std::size_t>(latent.channels * height * width);
  return image_from_decoded(
      parts.codec->decode(latents.first(one), {.count = 1, .height = height, .width = width}),
      size);
}

// NAME-00000.png, or NAME.png, is the first picture.
void compare_picture(const SdFixture& fixture, const SdRun& run, const Image& drawn) {
  for (const std::string& file : {run.name + "-00000.png", run.name + ".png"}) {
    if (!std::filesystem::exists(fixture.folder / file)) continue;
    const Image wanted = read_picture(fixture.folder / file).image;
    ASSERT_EQ(drawn.samples8().size(), wanted.samples8().size());
    int most = 0;
    for (std::size_t i = 0; i < wanted.samples8().size(); ++i) {
      most = std::max(most, std::abs(int{drawn.samples8()[i]} - int{wanted.samples8()[i]}));
    }
    EXPECT_LE(most, 1) << file;
  }
}

// `.sigmas`, where the last step ends included, and diffusers' `.timesteps`, which repeats some.
void compare_path(const testing::Expected& file, const SdRun& run, const Plan& plan) {
  if (file.has(run.name + ".sigmas") && !plan.sigmas().empty()) {
    const std::vector<float> sigmas(plan.sigmas().begin(), plan.sigmas().end());
    std::vector<float> wanted = file.at(run.name + ".sigmas").values;
    // A scheduler that asks twice a step names its levels twice.
    wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
    EXPECT_LE(testing::relative_rms(sigmas, wanted), file.tolerance("random"));
  }
  if (!file.has(run.name + ".timesteps")) return;
  std::vector<float> timesteps = file.at(run.name + ".timesteps").values;
  std::ranges::sort(timesteps);
  timesteps.erase(std::unique(timesteps.begin(), timesteps.end()), timesteps.end());
  EXPECT_LE(testing::relative_rms(plan.timesteps(), timesteps), file.tolerance("random"));
}

// Samplers whose program keeps latents in the training's scaling, x / sqrt(1 + sigma^2), where ours
// walk down sigmas.
bool is_told_in_training_scaling(const SdRun& run) {
  return run.sampler == "UniPC" || run.scheduler == "UniPCMultistepScheduler" ||
         run.scheduler == "DPMSolverMultistepScheduler" || run.scheduler == "LCMScheduler";
}

// `.trajectory`: diffusers' latents after each step; what AUTOMATIC1111's samplers tell before each
// step, those over timesteps after it.
void compare_states(const testing::Expected& file, const SdRun& run, const DrawnRun& drawing) {
  const std::string name = run.name + ".trajectory";
  if (!file.has(name)) return;
  const auto told = static_cast<std::size_t>(file.at(name).shape[0]);
  if (told != drawing.states.size()) return;  // a sampler that tells of more or fewer steps
  const bool over_timesteps =
      run.sampler == "DDIM" || run.sampler == "PLMS" || run.sampler == "UniPC";
  const std::size_t late = run.dialect == Dialect::kA1111 && !over_timesteps ? 1 : 0;
  for (std::size_t i = late; i < told; ++i) {
    std::vector<float> state = drawing.states[i - late];
    if (is_told_in_training_scaling(run)) {
      const double sigma = drawing.plan.sigmas()[i - late + 1];
      for (float& value : state) value /= static_cast<float>(std::sqrt(1 + sigma * sigma));
    }
    EXPECT_LE(relative_largest(state, file.item(name, i)), file.tolerance("run")) << "step " << i;
  }
}

}  // namespace

double relative_largest(std::span<const float> actual, std::span<const float> expected) {
  double most = 1e-12;
  for (const float value : expected) most = std::max(most, std::abs(double{value}));
  return testing::largest_difference(actual, expected) / most;
}

void compare_run(const SdFixture& fixture, const SdRun& run, const testing::BackendCase& which) {
  DiffusionParts& parts = open_model(fixture, which, run.guidance_tensor);
  const testing::Expected file(fixture.folder / run.file);
  const DrawnRun drawing = draw_run(parts, fixture, run);
  const std::vector<float>& latents = drawing.latents;
  // Of the largest value: latents of these models reach 30 to 60.
  EXPECT_LE(relative_largest(latents, file.at(run.name + ".latents").values),
            fixture.expected.tolerance("run"));
  compare_path(file, run, drawing.plan);
  compare_states(file, run, drawing);
  compare_picture(fixture, run, decode(parts, latents, run.size));
}

void compare_eight_bits(const SdFixture& fixture, const SdRun& run,
                        const testing::BackendCase& which) {
  constexpr double kLeastDecibels = 35;
  SdFixture narrow = fixture;
  narrow.eight_bits = true;
  DiffusionParts& parts = open_model(narrow, which, run.guidance_tensor);
  const testing::Expected file(fixture.folder / run.file);
  const Image wanted = decode(parts, file.at(run.name + ".latents").values, run.size);
  const Image drawn = decode(parts, draw_run(parts, fixture, run).latents, run.size);
  double squares = 0;
  for (std::size_t i = 0; i < wanted.samples8().size(); ++i) {
    const double difference = (int{drawn.samples8()[i]} - int{wanted.samples8()[i]}) / 255.0;
    squares += difference * difference;
  }
  const auto count = static_cast<double>(wanted.samples8().size());
  const double psnr = 10 * std::log10(count / std::max(squares, 1e-12));
  std::printf("             %.1f dB\n", psnr);
  EXPECT_GE(psnr, kLeastDecibels);
}

}  // namespace easel::parity
