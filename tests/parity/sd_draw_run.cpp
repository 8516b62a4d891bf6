// A run, batch by batch, as its program drew it.

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "core/rng_numpy.h"
#include "diffusion/channels_last_noise.h"
#include "diffusion/dialects.h"
#include "diffusion/guidance.h"
#include "diffusion/kept_part.h"
#include "image/codec.h"
#include "image/pillow_resize.h"
#include "nn/tensor_ops.h"
#include "pipeline/diffusing/guided_unet.h"
#include "pipeline/editing/latent_mask.h"
#include "pipeline/editing/latent_resize.h"
#include "sd_runs.h"
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

Image read_rgb(const std::filesystem::path& file) { return to_rgb8(read_picture(file).image); }

Image read_gray(const std::filesystem::path& file) {
  const Image rgb = read_rgb(file);
  Image gray(rgb.size(), 1);
  for (std::size_t i = 0; i < gray.samples(); ++i) gray.samples8()[i] = rgb.samples8()[3 * i];
  return gray;
}

/// Of one picture for each of a batch.
std::vector<float> repeated(std::span<const float> one, int times) {
  std::vector<float> all;
  for (int i = 0; i < times; ++i) all.insert(all.end(), one.begin(), one.end());
  return all;
}

/// One run, batch by batch, as DrawRun does it.
class Run {
 public:
  /// `begin`: latents of the batch that it begins at instead of what run.given says.
  Run(DiffusionParts& parts, const SdFixture& fixture, const SdRun& run,
      std::vector<float> begin = {})
      : parts_(parts),
        fixture_(fixture),
        run_(run),
        file_(fixture.folder / run.file),
        schedule_(run.dialect == Dialect::kDiffusers ? diffusers_schedule(run.scheduler, run.config)
                                                     : parts_.schedule),
        request_(request_of(run, schedule_, parameterization())),
        second_pass_(!begin.empty()),
        plan_(plan_of(run)),
        latent_(parts_.codec->facts()),
        height_(run.size.height / latent_.factor),
        width_(run.size.width / latent_.factor),
        rng_(run.seeds.front()),
        picture_(std::move(begin)) {}

  DrawnRun operator()() {
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
    take_given(*draws);
    for (int i = 0; i < run_.iterations; ++i) {
      states_.clear();
      if (fixed) fixed->begin_batch();
      const std::vector<float> latents = draw_batch(told, noise);
      all.insert(all.end(), latents.begin(), latents.end());
    }
    return {.latents = std::move(all), .plan = plan_, .states = std::move(states_)};
  }

 private:
  Plan plan_of(const SdRun& run) const {
    if (!run.given.strength) return {schedule_, request_};
    if (!second_pass_) return Plan(schedule_, request_).from(*run.given.strength);
    // So many steps are left of a longer run.
    SdRun longer = run;
    longer.steps = static_cast<int>(run.steps / std::min(*run.given.strength, 0.999));
    return Plan(schedule_, request_of(longer, schedule_, parameterization())).last(run.steps);
  }

  Parameterization parameterization() const {
    return run_.as_eps ? Parameterization::kEps : parts_.parameterization;
  }

  std::size_t batch_size() const {
    return static_cast<std::size_t>(run_.samples * latent_.channels * height_ * width_);
  }

  // What the run begins with, in the order in which the scripts draw for it.
  void take_given(NoiseSource& noise) {
    const SdGiven& given = run_.given;
    if (!given.mask.empty()) {
      see(seen_by_inpainting(*parts_.codec, read_rgb(fixture_.folder / given.picture),
                             read_gray(fixture_.folder / given.mask)),
          noise);
    } else if (!given.picture.empty()) {
      const Image picture = resize_as_pillow(read_rgb(fixture_.folder / given.picture), run_.size,
                                             PillowFilter::kLanczos);
      picture_ = sampled(parts_.codec->posterior(pixels_of(picture), picture.size()), noise);
      expect_equal("x0", picture_);
    } else if (!given.latents.empty()) {
      picture_ = file_.at(given.latents).values;
    } else if (fixture_.expected.has("a1111.image_cond") && run_.dialect == Dialect::kA1111) {
      const testing::FixtureTensor& seen = fixture_.expected.at("a1111.image_cond");
      beside_ =
          from_nchw(*parts_.backend, seen.values, {seen.shape[0], height_, width_, seen.shape[1]});
    }
    if (given.keep.empty()) return;
    kept_.emplace(picture_, of_all_channels(file_.at(given.keep)));
    channels_last_ = std::make_unique<ChannelsLastNoise>(rng_, latent_shape());
  }

  // A mask of one channel stands for all.
  std::vector<float> of_all_channels(const testing::FixtureTensor& mask) const {
    const auto all = batch_size() / mask.values.size();
    return all == 1 ? mask.values : repeated(mask.values, static_cast<int>(all));
  }

  std::vector<float> sampled(const LatentPosterior& one, NoiseSource& noise) const {
    std::vector<float> draws(batch_size());
    noise.draw(draws);
    sample_posterior({.mean = repeated(one.mean, run_.samples),
                      .deviation = repeated(one.deviation, run_.samples)},
                     draws);
    return draws;
  }

  void see(const SeenByInpainting& seen, NoiseSource& noise) {
    std::vector<float> all = seen.mask;
    const std::vector<float> picture = sampled(seen.picture, noise);
    all.insert(all.end(), picture.begin(), picture.end());
    expect_equal("concat", all);
    beside_ = from_nchw(*parts_.backend, all, {1, height_, width_, 1 + latent_.channels});
  }

  // What the fixture knows of what is made on the way.
  void expect_equal(const std::string& tensor, std::span<const float> values) const {
    const std::string name = run_.name + "." + tensor;
    if (!file_.has(name)) return;
    EXPECT_LE(relative_largest(values, file_.at(name).values), fixture_.expected.tolerance("run"))
        << name;
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

  LatentShape latent_shape() const {
    return {.batch = run_.samples,
            .channels = latent_.channels,
            .height = height_,
            .width = width_,
            .channels_last = false};
  }

  std::unique_ptr<NoiseSource> make_noise() {
    const LatentShape shape = latent_shape();
    if (run_.dialect != Dialect::kA1111) return std::make_unique<BatchNoise>(rng_, shape);
    return std::make_unique<PerPictureNoise>(run_.seeds, shape);
  }

  std::vector<float> start(NoiseSource& noise) const {
    std::vector<float> latents(batch_size());
    if (run_.given.numpy_seed) {
      NumpyRng(*run_.given.numpy_seed).normal(latents);
    } else {
      noise.draw(latents);
    }
    if (run_.seed_delta) dynamic_cast<PerPictureNoise&>(noise).reseed(*run_.seed_delta);
    if (run_.given.strength) plan_.start_at(picture_, latents);
    return latents;
  }

  RunOptions options_of(NoiseSource& noise, GuidedUNet& unet) {
    RunOptions options{.noise = &noise,
                       .draw_unused_noise = run_.dialect == Dialect::kCompVis,
                       .on_step = [&](const StepEvent& event) {
                         unet.begin_step(event.step);
                         states_.emplace_back(event.x.begin(), event.x.end());
                       }};
    if (!kept_) return options;
    if (run_.dialect == Dialect::kCompVis) {
      // The script's latents come from a picture's array, whose channels lie last.
      options.before_step = kept_->noised_in(*channels_last_);
    } else if (!plan_.sigmas().empty()) {
      options.correct = kept_->in_estimate();
    }
    return options;
  }

  std::vector<float> draw_batch(const Told& told, NoiseSource& noise) {
    std::vector<float> latents = start(noise);
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
    Network network = [&](std::span<const float> x, float timestep, std::span<float> out) {
      unet(x, timestep, out);
    };
    const bool by_timesteps = plan_.sigmas().empty();
    if (kept_ && run_.dialect == Dialect::kA1111 && by_timesteps) {
      network = kept_->seen_by(std::move(network));
    }
    plan_.run(network, latents, options_of(noise, unet));
    return latents;
  }

  DiffusionParts& parts_;
  const SdFixture& fixture_;
  const SdRun& run_;
  const testing::Expected file_;
  const Schedule schedule_;
  const PlanRequest request_;
  const bool second_pass_;
  const Plan plan_;
  const LatentFacts latent_;
  const int height_, width_;
  TorchCpuRng rng_;
  std::vector<float> picture_;  // latents of the batch
  std::optional<KeptPart> kept_;
  std::unique_ptr<NoiseSource> channels_last_;
  Tensor beside_;
  std::vector<std::vector<float>> states_;
};

}  // namespace

DrawnRun draw_run(DiffusionParts& parts, const SdFixture& fixture, const SdRun& run) {
  if (run.given.first.empty()) return Run(parts, fixture, run)();
  const testing::Expected file(fixture.folder / run.file);
  const testing::FixtureTensor& wanted = file.at(run.given.first);
  const int factor = parts.codec->facts().factor;
  SdRun first = run;
  first.given = {};
  first.size = {.width = factor * static_cast<int>(wanted.shape[3]),
                .height = factor * static_cast<int>(wanted.shape[2])};
  const std::vector<float> small = Run(parts, fixture, first)().latents;
  EXPECT_LE(relative_largest(small, wanted.values), fixture.expected.tolerance("run"))
      << run.given.first;
  const auto of = [&](const Image::Size& size) -> LatentCodec::Size {
    return {.count = run.samples, .height = size.height / factor, .width = size.width / factor};
  };
  return Run(parts, fixture, run,
             resize_latents(small, of(first.size), of(run.size), LatentResampling::kBilinear))();
}

}  // namespace easel::parity
