#include "sd_runs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "diffusion/dialects.h"
#include "diffusion/guidance.h"
#include "image/codec.h"
#include "nn/tensor_ops.h"
#include "pipeline/diffusing/guided_unet.h"
#include "support/compare.h"
#include "support/tensors.h"

namespace easel::parity {
namespace {

/// A run's one start noise for every batch (`--fixed_code`), then the draws of its steps.
class FixedStart final : public NoiseSource {
 public:
  FixedStart(NoiseSource& draws, std::size_t size) : draws_(draws), start_(size) {
    draws_.draw(start_);
  }
  void begin_batch() { begins_ = true; }
  void draw(std::span<float> out) override {
    if (!std::exchange(begins_, false)) return draws_.draw(out);
    std::ranges::copy(start_, out.begin());
  }

 private:
  NoiseSource& draws_;
  std::vector<float> start_;
  bool begins_ = true;
};

PlanRequest request_of(const SdRun& run, const Schedule& schedule, Parameterization what) {
  switch (run.dialect) {
    case Dialect::kCompVis: {
      using Solver = CompVisRun::Solver;
      const Solver solver = run.sampler == "plms"  ? Solver::kPlms
                            : run.sampler == "dpm" ? Solver::kDpmSolver
                                                   : Solver::kDdim;
      return compvis_run(schedule, {.solver = solver,
                                    .steps = run.steps,
                                    .parameterization = what,
                                    .eta = run.eta.value_or(0)});
    }
    case Dialect::kGenerativeModels:
      return sgm_run(schedule,
                     {.sampler = run.sampler, .steps = run.steps, .parameterization = what});
    case Dialect::kDiffusers:
      return diffusers_run(
          schedule,
          {.scheduler = run.scheduler, .config = run.config, .steps = run.steps, .eta = run.eta});
    case Dialect::kA1111:
      break;
  }
  return a1111_run(schedule, {.sampler = run.sampler,
                              .scheduler = run.scheduler,
                              .steps = run.steps,
                              .parameterization = what,
                              .eta = run.eta,
                              .discard_penultimate = run.discards,
                              .quantization = run.quantized,
                              .sgm_noise_multiplier = run.noise_multiplier});
}

Prompts prompts_of(const SdRun& run, bool guided) {
  Prompts prompts{.prompt = run.prompt,
                  .negative = run.negative.value_or(""),
                  .guided = guided,
                  .steps = run.steps,
                  .size = run.size};
  const bool weighted = run.dialect == Dialect::kA1111;
  prompts.reading.syntax = weighted ? PromptSyntax::kA1111 : PromptSyntax::kPlain;
  prompts.reading.clip_skip = run.clip_skip;
  prompts.keep_empty_negative = run.dialect == Dialect::kGenerativeModels && !run.zero_negative;
  return prompts;
}

/// One run, batch by batch, as DrawRun does it.
class Run {
 public:
  /// `beside`: what an inpainting model sees beside the latents, [pictures, C, h, w]; or null.
  Run(DiffusionParts& parts, const SdRun& run, const testing::FixtureTensor* beside)
      : parts_(parts),
        run_(run),
        schedule_(run.dialect == Dialect::kDiffusers ? diffusers_schedule(run.scheduler, run.config)
                                                     : parts_.schedule),
        request_(request_of(run, schedule_, parameterization())),
        plan_(schedule_, request_),
        latent_(parts_.codec->facts()),
        height_(run.size.height / latent_.factor),
        width_(run.size.width / latent_.factor),
        rng_(run.seeds.front()) {
    if (beside == nullptr) return;
    beside_ = from_nchw(*parts.backend, beside->values,
                        {beside->shape[0], height_, width_, beside->shape[1]});
  }

  std::vector<float> operator()() {
    // diffusers' guidance 0 and 1 leave the unconditional half out; the scripts' does so at 1.
    const bool guided = run_.dialect == Dialect::kDiffusers
                            ? run_.scale > 1 && run_.guidance_tensor.empty()
                            : run_.scale != 1;
    const Prompts prompts = prompts_of(run_, guided);
    parts_.prompts->prepare(prompts);
    Told told = parts_.prompts->told(prompts);
    if (run_.zero_negative) zero(told.contexts[static_cast<std::size_t>(*told.steps[0].negative)]);
    std::vector<float> all;
    const std::unique_ptr<NoiseSource> draws = make_noise();
    std::optional<FixedStart> fixed;
    if (run_.fixed_start) fixed.emplace(*draws, batch_size());
    NoiseSource& noise = fixed ? static_cast<NoiseSource&>(*fixed) : *draws;
    for (int i = 0; i < run_.iterations; ++i) {
      states_.clear();
      if (fixed) fixed->begin_batch();
      const std::vector<float> latents = draw_batch(told, noise);
      all.insert(all.end(), latents.begin(), latents.end());
    }
    return all;
  }

  const Plan& plan() const { return plan_; }
  /// The last batch's latents after each step.
  const std::vector<std::vector<float>>& states() const { return states_; }

 private:
  Parameterization parameterization() const {
    return run_.as_eps ? Parameterization::kEps : parts_.parameterization;
  }

  std::size_t batch_size() const {
    return static_cast<std::size_t>(run_.samples * latent_.channels * height_ * width_);
  }

  void zero(Conditioning& context) {
    for (Tensor* tensor : {&context.sequence, &context.vector}) {
      const ConstView view = *tensor;
      std::vector<float> values(static_cast<std::size_t>(tensor->elements()), 0.0f);
      // The six sizes behind the pooled text stay as they are, each of 256 waves.
      constexpr std::ptrdiff_t kSizes = std::ptrdiff_t{6} * 256;
      if (tensor == &context.vector) {
        parts_.backend->download(view, Layout::kPixels, values);
        std::fill(values.begin(), values.end() - kSizes, 0.0f);
      }
      parts_.backend->upload(values, Layout::kPixels, *tensor);
    }
  }

  std::unique_ptr<NoiseSource> make_noise() {
    const LatentShape shape{.batch = run_.samples,
                            .channels = latent_.channels,
                            .height = height_,
                            .width = width_,
                            .channels_last = false};
    if (run_.dialect != Dialect::kA1111) return std::make_unique<BatchNoise>(rng_, shape);
    return std::make_unique<PerPictureNoise>(run_.seeds, shape);
  }

  std::vector<float> draw_batch(const Told& told, NoiseSource& noise) {
    std::vector<float> latents(batch_size());
    noise.draw(latents);
    if (run_.seed_delta) dynamic_cast<PerPictureNoise&>(noise).reseed(*run_.seed_delta);
    std::vector<float> guidance;
    if (!run_.guidance_tensor.empty()) {
      guidance.resize(static_cast<std::size_t>(parts_.unet->config().guidance_channels));
      guidance_embedding(run_.scale, guidance);
    }
    GuidedUNet unet({.backend = *parts_.backend,
                     .unet = parts_.unet->network(),
                     .told = told,
                     .scale = static_cast<float>(run_.scale),
                     .rescale = static_cast<float>(run_.rescale),
                     .interval = {},
                     .steps = plan_.steps(),
                     .channels = latent_.channels,
                     .height = height_,
                     .width = width_,
                     .pass = run_.samples,
                     .beside = beside_.empty() ? nullptr : &beside_,
                     .guidance = guidance},
                    plan_.timesteps());
    unet.begin_step(0);
    const auto network = [&](std::span<const float> x, float timestep, std::span<float> out) {
      unet(x, timestep, out);
    };
    plan_.run(network, latents,
              {.noise = &noise,
               .draw_unused_noise = run_.dialect == Dialect::kCompVis,
               .on_step = [&](const StepEvent& event) {
                 unet.begin_step(event.step);
                 states_.emplace_back(event.x.begin(), event.x.end());
               }});
    return latents;
  }

  DiffusionParts& parts_;
  const SdRun& run_;
  const Schedule schedule_;
  const PlanRequest request_;
  const Plan plan_;
  const LatentFacts latent_;
  const int height_, width_;
  TorchCpuRng rng_;
  Tensor beside_;
  std::vector<std::vector<float>> states_;
};

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

double relative_largest(std::span<const float> actual, std::span<const float> expected) {
  double most = 1e-12;
  for (const float value : expected) most = std::max(most, std::abs(double{value}));
  return testing::largest_difference(actual, expected) / most;
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
void compare_states(const testing::Expected& file, const SdRun& run, const Run& drawing) {
  const std::string name = run.name + ".trajectory";
  if (!file.has(name)) return;
  const auto told = static_cast<std::size_t>(file.at(name).shape[0]);
  if (told != drawing.states().size()) return;  // a sampler that tells of more or fewer steps
  const bool over_timesteps =
      run.sampler == "DDIM" || run.sampler == "PLMS" || run.sampler == "UniPC";
  const std::size_t late = run.dialect == Dialect::kA1111 && !over_timesteps ? 1 : 0;
  for (std::size_t i = late; i < told; ++i) {
    std::vector<float> state = drawing.states()[i - late];
    if (is_told_in_training_scaling(run)) {
      const double sigma = drawing.plan().sigmas()[i - late + 1];
      for (float& value : state) value /= static_cast<float>(std::sqrt(1 + sigma * sigma));
    }
    EXPECT_LE(relative_largest(state, file.item(name, i)), file.tolerance("run")) << "step " << i;
  }
}

}  // namespace

void compare_run(const SdFixture& fixture, const SdRun& run, const testing::BackendCase& which) {
  DiffusionParts& parts = open_model(fixture, which, run.guidance_tensor);
  const testing::Expected file(fixture.folder / run.file);
  const bool seen = run.dialect == Dialect::kA1111 && fixture.expected.has("a1111.image_cond");
  Run drawing(parts, run, seen ? &fixture.expected.at("a1111.image_cond") : nullptr);
  const std::vector<float> latents = drawing();
  // Of the largest value: latents of these models reach 30 to 60.
  EXPECT_LE(relative_largest(latents, file.at(run.name + ".latents").values),
            fixture.expected.tolerance("run"));
  compare_path(file, run, drawing.plan());
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
  const Image drawn = decode(parts, Run(parts, run, nullptr)(), run.size);
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
