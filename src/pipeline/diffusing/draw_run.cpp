#include "pipeline/diffusing/draw_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "diffusion/guidance.h"
#include "pipeline/diffusing/finite.h"
#include "pipeline/parts/tiled_decoding.h"

namespace easel {
namespace {

// Spherical interpolation of two noises, which keeps their length.
void turn_towards(std::span<float> noise, std::span<const float> other, double strength) {
  double dot = 0, a = 0, b = 0;
  for (std::size_t i = 0; i < noise.size(); ++i) {
    dot += double{noise[i]} * other[i];
    a += double{noise[i]} * noise[i];
    b += double{other[i]} * other[i];
  }
  const double angle = std::acos(std::clamp(dot / std::sqrt(a * b), -1.0, 1.0));
  const double sine = std::sin(angle);
  if (!(sine > 1e-6)) return;
  const auto keep = static_cast<float>(std::sin((1 - strength) * angle) / sine);
  const auto take = static_cast<float>(std::sin(strength * angle) / sine);
  for (std::size_t i = 0; i < noise.size(); ++i) noise[i] = keep * noise[i] + take * other[i];
}

// What a network that was distilled with guidance is told of its scale; else nothing.
std::vector<float> embedded_scale(const UNet& unet, const Recipe& recipe) {
  std::vector<float> embedding(static_cast<std::size_t>(unet.config().guidance_channels));
  if (!embedding.empty()) guidance_embedding(*diffusion_of(recipe).scale, embedding);
  return embedding;
}

}  // namespace

int decoder_pass(const LatentFacts& latent, int latent_pixels) {
  return std::max(1, 256 * 256 / std::max(1, latent_pixels * latent.factor * latent.factor));
}

DrawRun::DrawRun(const DrawParts& parts, const Recipe& recipe, const Pictures& which,
                 const DrawHooks& hooks)
    : parts_(parts),
      recipe_(recipe),
      which_(which),
      hooks_(hooks),
      latent_(parts.codec.facts()),
      height_(recipe.size.height / latent_.factor),
      width_(recipe.size.width / latent_.factor),
      start_(std::chrono::steady_clock::now()),
      rng_(*recipe.seed.seed),
      guidance_(embedded_scale(parts.unet, recipe)),
      unet_({.backend = parts.backend,
             .unet = parts.unet,
             .told = parts.told,
             .scale = static_cast<float>(*diffusion_of(recipe).scale),
             .interval = diffusion_of(recipe).guidance_interval,
             .deep_every = diffusion_of(recipe).deep_cache.every,
             .steps = parts.plan.steps(),
             .channels = latent_.channels,
             .height = height_,
             .width = width_,
             .pass = parts.pass,
             .guidance = guidance_,
             .cancel = hooks.cancel},
            parts.plan.timesteps()) {}

std::vector<DrawnPicture> DrawRun::operator()() {
  std::vector<DrawnPicture> pictures;
  const int end = which_.first + which_.count;
  for (int first = which_.first; first < end; first += parts_.batch) {
    draw_batch(first, std::min(parts_.batch, end - first), pictures);
  }
  return pictures;
}

std::uint64_t DrawRun::seed_of(int picture) const {
  const SeedPlan& plan = recipe_.seed;
  return plan.variation ? *plan.seed : *plan.seed + static_cast<std::uint64_t>(picture);
}

std::size_t DrawRun::latent_size() const {
  return static_cast<std::size_t>(latent_.channels) * static_cast<std::size_t>(height_) *
         static_cast<std::size_t>(width_);
}

std::unique_ptr<NoiseSource> DrawRun::make_noise(int first, int count) {
  const LatentShape shape{.batch = count,
                          .channels = latent_.channels,
                          .height = height_,
                          .width = width_,
                          .channels_last = false};
  if (recipe_.seed.shared) return std::make_unique<BatchNoise>(rng_, shape);
  std::vector<std::uint64_t> seeds;
  for (int i = 0; i < count; ++i) seeds.push_back(seed_of(first + i));
  return std::make_unique<PerPictureNoise>(seeds, shape, rng_named(recipe_.seed.rng));
}

void DrawRun::vary(std::span<float> noise, int first, int count) const {
  const Variation& variation = *recipe_.seed.variation;
  const RngKind kind = rng_named(recipe_.seed.rng);
  const std::size_t size = latent_size();
  std::vector<float> other(size);
  for (int i = 0; i < count; ++i) {
    NormalRng rng(kind, variation.seed + static_cast<std::uint64_t>(first + i));
    rng.normal(other);
    turn_towards(noise.subspan(static_cast<std::size_t>(i) * size, size), other,
                 variation.strength);
  }
}

// A fixed start is drawn once, before everything else (CompVis' --fixed_code).
void DrawRun::draw_start(NoiseSource& noise, std::span<float> latents) {
  if (!recipe_.seed.shared || !recipe_.seed.shared->fixed_start) return noise.draw(latents);
  if (start_noise_.empty()) {
    start_noise_.resize(latents.size());
    noise.draw(start_noise_);
  }
  std::copy_n(start_noise_.begin(), latents.size(), latents.begin());
}

void DrawRun::draw_batch(int first, int count, std::vector<DrawnPicture>& out) {
  std::vector<float> latents(static_cast<std::size_t>(count) * latent_size());
  const std::unique_ptr<NoiseSource> own =
      hooks_.noise == nullptr ? make_noise(first, count) : nullptr;
  NoiseSource& noise = own ? *own : *hooks_.noise;
  draw_start(noise, latents);
  if (hooks_.start_noise) hooks_.start_noise(latents, first);
  if (recipe_.seed.variation) vary(latents, first, count);
  if (recipe_.seed.delta) noise.reseed(*recipe_.seed.delta);
  if (hooks_.on_noise) {
    const StepEvent start{.step = 0, .steps = parts_.plan.steps(), .x = latents, .x0 = latents};
    hooks_.on_noise(step_of(start, first, count));
  }

  unet_.begin_step(0);
  const auto network = [this](std::span<const float> x, float timestep, std::span<float> y) {
    unet_(x, timestep, y);
  };
  const auto on_step = [&](const StepEvent& event) { report(event, first, count); };
  parts_.plan.run(
      network, latents,
      {.noise = &noise, .draw_unused_noise = recipe_.seed.shared.has_value(), .on_step = on_step});
  decode(latents, first, count, out);
}

DrawStep DrawRun::step_of(const StepEvent& event, int first, int count) const {
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start_;
  return {.step = event.step,
          .steps = event.steps,
          .first_picture = first,
          .pictures = count,
          .count = which_.count,
          .seconds = elapsed.count(),
          .computed = unet_.computed(),
          .latents = event.x,
          .estimate = event.x0,
          .latent_width = width_,
          .latent_height = height_};
}

void DrawRun::report(const StepEvent& event, int first, int count) {
  check_cancelled();
  require_finite(event.x, fmt::format("what the denoiser made of step {}", event.step),
                 parts_.weights);
  unet_.begin_step(event.step);
  if (hooks_.on_step) hooks_.on_step(step_of(event, first, count));
}

void DrawRun::decode(std::span<const float> latents, int first, int count,
                     std::vector<DrawnPicture>& out) {
  const std::size_t size = latent_size();
  const int pass = std::min(parts_.pass, decoder_pass(latent_, height_ * width_));
  for (int done = 0; done < count; done += pass) {
    check_cancelled();
    const int n = std::min(pass, count - done);
    const auto these =
        latents.subspan(static_cast<std::size_t>(done) * size, static_cast<std::size_t>(n) * size);
    const LatentCodec::Size shape{.count = n, .height = height_, .width = width_};
    const auto tile = diffusion_of(recipe_).vae_tile;
    const std::vector<float> decoded = tile ? decode_in_tiles(parts_.codec, these, shape, *tile)
                                            : parts_.codec.decode(these, shape);
    require_finite(decoded, "what the autoencoder made of the latents", parts_.weights);
    const std::size_t values = decoded.size() / static_cast<std::size_t>(n);
    for (int i = 0; i < n; ++i) {
      DrawnPicture picture{.index = first + done + i, .seed = seed_of(first + done + i)};
      const auto mine = std::span(decoded).subspan(static_cast<std::size_t>(i) * values, values);
      picture.image = image_from_decoded(mine, recipe_.size);
      if (which_.keep_latents) {
        const auto latent = these.subspan(static_cast<std::size_t>(i) * size, size);
        picture.latent.assign(latent.begin(), latent.end());
        picture.decoded = planes_of(mine);
      }
      if (hooks_.on_picture) {
        hooks_.on_picture(std::move(picture));
      } else {
        out.push_back(std::move(picture));
      }
    }
  }
}

void DrawRun::check_cancelled() const {
  if (hooks_.cancel != nullptr) hooks_.cancel->check();
}

}  // namespace easel
