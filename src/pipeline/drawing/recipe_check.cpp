#include "pipeline/drawing/recipe_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "core/error.h"
#include "core/printable.h"
#include "core/rng_kinds.h"
#include "diffusion/noise_levels.h"
#include "diffusion/samplers.h"
#include "pipeline/drawing/editing_check.h"
#include "prompt/emphasis.h"

namespace easel {
namespace {

constexpr int kMaxCount = 10000;
constexpr int kMaxBatch = 64;
constexpr int kMaxDeepEvery = 100;

void check_range(std::string_view what, std::int64_t value, std::int64_t least, std::int64_t most) {
  if (value >= least && value <= most) return;
  fail(ErrorCode::kUsage, "{} is {}, wanted {} to {}", what, value, least, most);
}

void check_finite(std::string_view what, double value, double least, double most) {
  if (value >= least && value <= most) return;  // NaN fails
  fail(ErrorCode::kUsage, "{} is {}, wanted {} to {}", what, value, least, most);
}

void check_interval(const GuidanceInterval& interval) {
  if (interval.from >= 0 && interval.from < interval.to && interval.to <= 1) return;
  fail(
      ErrorCode::kUsage,
      "the guidance interval is {} to {}, wanted fractions of the run, the first below the second, "
      "both from 0 to 1",
      interval.from, interval.to);
}

Image::Size size_or_native(Image::Size asked, const ModelInfo& info) {
  return {.width = asked.width == 0 ? info.native_width : asked.width,
          .height = asked.height == 0 ? info.native_height : asked.height};
}

void check_diffusion(const Diffusion& how) {
  check_finite("the guidance scale", *how.scale, -kMaxGuidanceScale, kMaxGuidanceScale);
  check_interval(how.guidance_interval);
  check_range("the number of steps for each of the deep levels' passes", how.deep_cache.every, 1,
              kMaxDeepEvery);
  if (how.vae_tile) check_range("the side of the decoder's tiles", *how.vae_tile, 8, 256);
  if (how.eta) check_finite("eta", *how.eta, 0, 1);
}

// "automatic" is AUTOMATIC1111's choice for the sampler.
std::string schedule_id(const std::string& asked, const Sampler& sampler) {
  const bool automatic = asked == "automatic" || asked == "Automatic";
  const SigmaSpacing spacing = automatic ? sampler.automatic : sigma_spacing_named(asked);
  const auto row = std::ranges::find(sigma_spacings(), spacing, &SpacingName::spacing);
  return std::string(row->id);
}

// Families without such signs have nothing that these settings could change.
void check_reading(PromptRules& reading, const ModelInfo& info) {
  if (!reading.emphasis.empty()) {
    const auto emphasis = emphasis_named(reading.emphasis);
    if (!emphasis) {
      fail(ErrorCode::kUsage, "the emphasis is '{}', wanted original, no-norm, ignore or none",
           printable(reading.emphasis));
    }
    reading.emphasis = name_of(*emphasis);
  }
  if (info.reads_signs || reading == PromptRules{}) return;
  fail(
      ErrorCode::kUsage,
      "prompt syntax, emphasis and clip skip are for models with CLIP's text encoder, which {} has "
      "not",
      info.name);
}

void check_noise(const SeedPlan& seed) {
  if (seed.variation) check_finite("the variation's strength", seed.variation->strength, 0, 1);
  const RngKind rng = rng_named(seed.rng);
  if (rng == RngKind::kTorchCpu || !seed.shared) return;
  fail(ErrorCode::kUsage,
       "the pictures share a generator, which is {} then, and the random numbers of {} were asked "
       "for",
       name_of(RngKind::kTorchCpu), seed.rng);
}

}  // namespace

void check_side(std::string_view what, int value, const ModelInfo& info) {
  check_range(what, value, 1, info.max_side);
  const int multiple = info.size_multiple;
  if (value % multiple == 0) return;
  const int below = value / multiple * multiple, above = below + multiple;
  const std::string near = below == 0              ? fmt::format("{} is", above)
                           : above > info.max_side ? fmt::format("{} is", below)
                                                   : fmt::format("{} and {} are", below, above);
  fail(ErrorCode::kUsage, "{} is {}, wanted a multiple of {} for this model: {}", what, value,
       multiple, near);
}

Recipe with_defaults(Recipe recipe, const ModelInfo& info) {
  Diffusion& how = diffusion_of(recipe);
  if (how.sampler.empty()) how.sampler = info.defaults.sampler;
  if (!how.steps) how.steps = std::min(info.defaults.steps, std::max(info.schedule_steps, 1));
  if (!how.scale) how.scale = info.defaults.scale;
  if (!recipe.seed.seed) recipe.seed.seed = 0;
  if (recipe.seed.rng.empty()) recipe.seed.rng = name_of(RngKind::kTorchCpu);
  recipe.size = size_or_native(recipe.size, info);
  return recipe;
}

Recipe completed_recipe(Recipe recipe, const ModelInfo& info) {
  recipe = with_defaults(std::move(recipe), info);
  check_side("the width", recipe.size.width, info);
  check_side("the height", recipe.size.height, info);
  complete_editing(recipe);
  Diffusion& how = diffusion_of(recipe);
  check_diffusion(how);
  check_noise(recipe.seed);
  check_reading(how.reading, info);
  const Sampler& sampler = find_sampler(how.sampler);
  how.sampler = sampler.id;
  if (!how.schedule.empty()) how.schedule = schedule_id(how.schedule, sampler);
  // 0 is what a sampler that adds no noise does anyway.
  if (how.eta == 0.0 && !sampler.takes_eta) how.eta.reset();
  return recipe;
}

void check_pictures(const Recipe& recipe, const Pictures& which) {
  check_range("the number of pictures", which.count, 1, kMaxCount);
  check_range("the first picture", which.first, 0, kMaxCount);
  check_range("the batch", which.batch, 0, kMaxBatch);
  if (!recipe.seed.shared) return;
  check_range("the batch", recipe.seed.shared->samples, 1, kMaxCount);
  if (which.first == 0) return;
  fail(ErrorCode::kUsage,
       "the pictures share a generator, so that none can be drawn without those before it: "
       "picture {} was asked for as the first",
       which.first);
}

}  // namespace easel
