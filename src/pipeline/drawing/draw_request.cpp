#include "pipeline/drawing/draw_request.h"

#include "core/error.h"
#include "pipeline/drawing/recipe_check.h"

namespace easel {
namespace {

void check_prompt(const DrawRequest& request) {
  const bool blank = request.prompt.find_first_not_of(" \t\r\n\v\f") == std::string::npos;
  if (!blank || request.allow_empty) return;
  fail(ErrorCode::kUsage,
       "the prompt is empty: say what to draw, or that an empty prompt is meant");
}

}  // namespace

Recipe recipe_of(const DrawRequest& request) {
  Recipe recipe;
  recipe.prompt = request.prompt;
  recipe.negative = request.negative;
  recipe.seed = {.seed = request.seed,
                 .rng = request.rng,
                 .variation = request.variation,
                 .shared = std::nullopt};
  if (request.noise == NoiseLayout::kOneGenerator) {
    const int samples = request.batch > 0 ? request.batch : request.count;
    recipe.seed.shared = SharedGenerator{.iterations = samples > 0 ? request.count / samples : 0,
                                         .samples = samples};
  }
  recipe.size = {.width = request.width, .height = request.height};
  recipe.method = Diffusion{.steps = request.steps,
                            .sampler = request.sampler,
                            .scale = request.scale,
                            .eta = request.eta,
                            .guidance_interval = request.guidance_interval,
                            .deep_cache = {.every = request.deep_every}};
  return recipe;
}

Pictures pictures_of(const DrawRequest& request) {
  return {.first = 0,
          .count = request.count,
          .batch = request.batch,
          .keep_latents = request.keep_latents};
}

DrawRequest checked(const DrawingModel& model, DrawRequest request) {
  check_prompt(request);
  const Recipe recipe = model.completed(recipe_of(request));
  check_pictures(recipe, pictures_of(request));
  const Diffusion& how = diffusion_of(recipe);
  request.steps = how.steps;
  request.sampler = how.sampler;
  request.scale = how.scale;
  request.eta = how.eta;
  request.rng = recipe.seed.rng;
  request.width = recipe.size.width;
  request.height = recipe.size.height;
  return request;
}

std::int64_t memory_needed(const DrawingModel& model, const DrawRequest& request) {
  return model.memory_needed(recipe_of(request), pictures_of(request));
}

std::vector<DrawnPicture> draw(DrawingModel& model, const DrawRequest& request,
                               const DrawHooks& hooks) {
  check_prompt(request);
  return model.draw(recipe_of(request), pictures_of(request), hooks);
}

}  // namespace easel
