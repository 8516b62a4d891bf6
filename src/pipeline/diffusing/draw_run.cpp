#include "pipeline/diffusing/draw_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "image/pillow_resize.h"
#include "pipeline/diffusing/finite.h"
#include "pipeline/editing/latent_resize.h"

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

std::vector<float> repeated(std::span<const float> one, int times) {
  std::vector<float> all;
  for (int i = 0; i < times; ++i) all.insert(all.end(), one.begin(), one.end());
  return all;
}

}  // namespace

DrawRun::DrawRun(const DrawParts& parts, const Recipe& recipe, const Pictures& which,
                 const DrawHooks& hooks)
    : parts_(parts),
      recipe_(recipe),
      which_(which),
      hooks_(hooks),
      latent_(parts.codec.facts()),
      start_(std::chrono::steady_clock::now()),
      rng_(*recipe.seed.seed),
      first_(pass_of(parts.plan, parts.told, recipe.size, parts.beside)) {
  if (!parts.second) return;
  const DrawParts::Second& second = *parts.second;
  second_.emplace(pass_of(second.plan, second.told, second.size, second.beside));
}

DenoisingPass::Spec DrawRun::pass_of(const Plan& plan, const Told& told, Image::Size size,
                                     const Tensor* beside) const {
  return {.backend = parts_.backend,
          .unet = parts_.unet,
          .plan = plan,
          .told = told,
          .recipe = recipe_,
          .latent = latent_,
          .size = size,
          .pass = parts_.pass,
          .beside = beside,
          .beside_guides = parts_.beside_guides,
          .cancel = hooks_.ends_steps()};
}

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

Image::Size DrawRun::size_of(const DenoisingPass& pass) const {
  return &pass == &first_ ? recipe_.size : parts_.second->size;
}

std::unique_ptr<NoiseSource> DrawRun::make_noise(const DenoisingPass& pass, int first, int count) {
  const LatentShape shape{.batch = count,
                          .channels = latent_.channels,
                          .height = pass.height(),
                          .width = pass.width(),
                          .channels_last = false};
  if (recipe_.seed.shared) return std::make_unique<BatchNoise>(rng_, shape);
  std::vector<std::uint64_t> seeds;
  for (int i = 0; i < count; ++i) seeds.push_back(seed_of(first + i));
  return std::make_unique<PerPictureNoise>(seeds, shape, rng_named(recipe_.seed.rng));
}

void DrawRun::vary(std::span<float> noise, int first, int count) const {
  const Variation& variation = *recipe_.seed.variation;
  const RngKind kind = rng_named(recipe_.seed.rng);
  const std::size_t size = noise.size() / static_cast<std::size_t>(count);
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

std::vector<float> DrawRun::draw_noise(const DenoisingPass& pass, NoiseSource& noise, int first,
                                       int count) {
  const bool begins = &pass == &first_;
  std::vector<float> drawn(static_cast<std::size_t>(count) * pass.latent_size());
  if (begins) {
    draw_start(noise, drawn);
  } else {
    noise.draw(drawn);
  }
  if (hooks_.start_noise && begins) hooks_.start_noise(drawn, first);
  if (recipe_.seed.variation) vary(drawn, first, count);
  if (recipe_.seed.delta) noise.reseed(*recipe_.seed.delta);
  return drawn;
}

// The latents of the given picture for each of a batch. A run with a shared generator draws them
// from the posterior, once, before anything else.
std::vector<float> DrawRun::begin_at(std::span<const float> noise, int count) const {
  std::vector<float> picture = picture_;
  if (picture.empty()) picture = repeated(parts_.start->picture.mean, count);
  picture.resize(noise.size());
  if (parts_.start->beneath == Start::Beneath::kPicture) return picture;
  const bool noisy = parts_.start->beneath == Start::Beneath::kNoise;
  const std::vector<float> keep = kept_of(*parts_.start, latent_.channels, count);
  for (std::size_t i = 0; i < picture.size(); ++i) {
    picture[i] = picture[i] * keep[i] + (noisy ? noise[i] * (1 - keep[i]) : 0.0f);
  }
  return picture;
}

void DrawRun::run_first(std::vector<float>& latents, NoiseSource& noise, int first, int count) {
  if (hooks_.on_noise) {
    const StepEvent start{.step = 0, .steps = parts_.plan.steps(), .x = latents, .x0 = latents};
    hooks_.on_noise(step_of(first_, start, first, count));
  }
  std::optional<KeptPart> kept;
  if (parts_.start != nullptr) {
    std::vector<float> picture = begin_at(latents, count);
    parts_.plan.start_at(picture, latents);
    std::vector<float> keep = kept_of(*parts_.start, latent_.channels, count);
    if (!keep.empty()) kept.emplace(std::move(picture), std::move(keep));
  }
  first_.run(latents, noise, kept ? &*kept : nullptr,
             [&](const StepEvent& event) { report(first_, event, first, count); });
}

void DrawRun::draw_batch(int first, int count, std::vector<DrawnPicture>& out) {
  reached_ = {};
  try {
    const std::vector<float> latents = denoised(first, count);
    if (parts_.denoised && first + count == which_.first + which_.count) parts_.denoised();
    decode({.latents = latents, .pass = last_pass()}, first, count, out);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kCancelled) keep_unfinished(first, count, out);
    throw;
  }
}

std::vector<float> DrawRun::denoised(int first, int count) {
  const std::unique_ptr<NoiseSource> own =
      hooks_.noise == nullptr ? make_noise(first_, first, count) : nullptr;
  NoiseSource& noise = own ? *own : *hooks_.noise;
  if (parts_.start != nullptr && recipe_.seed.shared && picture_.empty()) {
    const LatentPosterior& one = parts_.start->picture;
    picture_.resize(static_cast<std::size_t>(count) * first_.latent_size());
    noise.draw(picture_);
    sample_posterior(
        {.mean = repeated(one.mean, count), .deviation = repeated(one.deviation, count)}, picture_);
  }
  std::vector<float> latents = draw_noise(first_, noise, first, count);
  run_first(latents, noise, first, count);
  if (second_) latents = run_second(enlarged(latents, count), first, count);
  return latents;
}

std::vector<float> DrawRun::run_second(std::vector<float> picture, int first, int count) {
  const std::unique_ptr<NoiseSource> noise = make_noise(*second_, first, count);
  std::vector<float> latents = draw_noise(*second_, *noise, first, count);
  second_->plan().start_at(picture, latents);
  second_->run(latents, *noise, nullptr,
               [&](const StepEvent& event) { report(*second_, event, first, count); });
  return latents;
}

// For the second pass: in latents, or picture by picture through the autoencoder.
std::vector<float> DrawRun::enlarged(std::span<const float> latents, int count) {
  const LatentCodec::Size from{.count = count, .height = first_.height(), .width = first_.width()};
  const LatentCodec::Size to{
      .count = count, .height = second_->height(), .width = second_->width()};
  const std::string& how = diffusion_of(recipe_).second_pass.upscaler;
  if (const LatentEnlarger* row = find_latent_enlarger(how)) {
    return resize_latents(latents, from, to, row->how);
  }
  std::vector<float> all;
  const std::size_t size = first_.latent_size();
  for (int i = 0; i < count; ++i) {
    check_steps();
    const auto one = latents.subspan(static_cast<std::size_t>(i) * size, size);
    const std::vector<float> decoded =
        parts_.codec.decode(one, {.count = 1, .height = from.height, .width = from.width});
    const Image small = image_from_decoded(decoded, recipe_.size);
    const Image large = hooks_.enlarge
                            ? hooks_.enlarge(small, size_of(last_pass()))
                            : resize_as_pillow(small, size_of(last_pass()), PillowFilter::kLanczos);
    const std::vector<float> latent = parts_.codec.encode(large);
    all.insert(all.end(), latent.begin(), latent.end());
  }
  return all;
}

DrawStep DrawRun::step_of(const DenoisingPass& pass, const StepEvent& event, int first,
                          int count) const {
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start_;
  const bool again = second_ && &pass == &*second_;
  const int more = second_ ? second_->plan().steps() : 0;
  return {.step = event.step + (again ? first_.plan().steps() : 0),
          .steps = first_.plan().steps() + more,
          .first_picture = first,
          .pictures = count,
          .count = which_.count,
          .seconds = elapsed.count(),
          .computed = pass.computed(),
          .latents = event.x,
          .estimate = event.x0,
          .latent_width = pass.width(),
          .latent_height = pass.height()};
}

void DrawRun::report(const DenoisingPass& pass, const StepEvent& event, int first, int count) {
  check_cancelled();
  require_finite(event.x, fmt::format("what the denoiser made of step {}", event.step),
                 parts_.weights);
  const DrawStep step = step_of(pass, event, first, count);
  if (hooks_.on_step) hooks_.on_step(step);
  if (hooks_.enough != nullptr) {
    reached_.pass = &pass;
    reached_.at = {.step = step.step, .steps = step.steps};
    reached_.estimate.assign(event.x0.begin(), event.x0.end());
  }
  if (event.step < event.steps) check_steps();
}

void DrawRun::check_steps() const {
  if (hooks_.ends_steps() != nullptr) hooks_.ends_steps()->check();
}

void DrawRun::check_cancelled() const {
  if (hooks_.cancel != nullptr) hooks_.cancel->check();
}

}  // namespace easel
