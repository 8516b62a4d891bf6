#include "pipeline/drawing/recipe_request.h"

namespace easel {

DrawRequest request_of(const Recipe& recipe, int count) {
  const Diffusion& diffusion = diffusion_of(recipe);
  DrawRequest request;
  request.prompt = recipe.prompt;
  request.negative = recipe.negative;
  request.steps = diffusion.steps;
  request.sampler = diffusion.sampler;
  request.scale = diffusion.scale;
  request.guidance_interval = diffusion.guidance_interval;
  request.deep_every = diffusion.deep_cache.every;
  request.eta = diffusion.eta;
  request.seed = recipe.seed.seed.value_or(0);
  if (!recipe.seed.rng.empty()) request.rng = recipe.seed.rng;
  request.width = recipe.size.width;
  request.height = recipe.size.height;
  request.count = count;
  request.variation = recipe.seed.variation;
  if (const auto& shared = recipe.seed.shared) {
    request.count = shared->iterations * shared->samples;
    request.batch = shared->samples;
    request.noise = NoiseLayout::kOneGenerator;
  }
  return request;
}

Recipe completed(Recipe recipe, const DrawRequest& checked) {
  Diffusion& diffusion = diffusion_of(recipe);
  diffusion.steps = checked.steps;
  diffusion.sampler = checked.sampler;
  diffusion.scale = checked.scale;
  diffusion.eta = checked.eta;
  recipe.seed.seed = checked.seed;
  recipe.seed.rng = checked.rng;
  recipe.size = {checked.width, checked.height};
  return recipe;
}

}  // namespace easel
