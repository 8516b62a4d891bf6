#pragma once

#include "recipe/recipe.h"

namespace easel::testing {

/// A recipe that says everything there is to say (more than one picture can be).
inline Recipe full_recipe() {
  Recipe recipe;
  recipe.prompt = "a fox";
  recipe.negative = "blurry";
  recipe.model = {.name = "big", .sha256 = "0123456789abcdef", .loras = "style:0.8"};
  recipe.seed = {.seed = 7,
                 .rng = "torch-cpu",
                 .delta = 31337,
                 .variation = Variation{.seed = 9, .strength = 0.25},
                 .shared = SharedGenerator{.iterations = 2, .samples = 3, .picture = 4}};
  recipe.size = {256, 384};
  recipe.method = Diffusion{.steps = 25,
                            .sampler = "dpmpp-2m",
                            .scale = 7.5,
                            .eta = 0.5,
                            .schedule = "sgm-uniform",
                            .guidance_interval = {.from = 0.1, .to = 0.8},
                            .deep_cache = {.every = 3},
                            .reading = {.syntax = "plain", .emphasis = "No norm", .clip_skip = 2},
                            .vae_tile = 32};
  Diffusion& how = diffusion_of(recipe);
  how.editing = {.init = {.sha256 = std::string(64, 'a'), .file = "a.png"},
                 .strength = 0.6,
                 .resize_mode = "pad",
                 .masking = {.mask = {.sha256 = std::string(64, 'b'), .file = "b.png"},
                             .blur = 3,
                             .grow = 2,
                             .invert = true,
                             .content = "noise",
                             .only_masked = true,
                             .padding = 16},
                 .extend = {.left = 32, .top = 8},
                 .image_scale = 1.25};
  how.second_pass = {.scale = 2.0, .strength = 0.5, .steps = 9, .upscaler = "latent"};
  how.tile = "xy";
  recipe.enlarging = {.factor = 2.0, .upscaler = "x2", .result = {100, 120}};
  recipe.enlarged_again = {{.factor = 1.5, .upscaler = "lanczos"}};
  recipe.grid = GridSize{.columns = 2, .rows = 3};
  recipe.arithmetic = {.precision = "fp16", .backend = "reference", .target = "AVX2"};
  recipe.unfinished = Reached{.step = 7, .steps = 25};
  recipe.templates = {
      .by_seed = true, .prompt = "a {red|blue} car", .negative = "__bad__, {fog|rain}"};
  recipe.prompt_notes = "of the prompt is drawn: 'vixen' as 'fox'";
  recipe.labels = {.subject = "fox", .style = "snow"};
  return recipe;
}

}  // namespace easel::testing
