#include "pipeline/diffusing/run_prompts.h"

#include "diffusion/samplers.h"

namespace easel {
namespace {

PromptReading reading_of(const PromptRules& reading) {
  PromptReading read;
  if (!reading.syntax.empty()) read.syntax = *prompt_syntax_named(reading.syntax);
  if (!reading.emphasis.empty()) read.emphasis = *emphasis_named(reading.emphasis);
  read.clip_skip = reading.clip_skip.value_or(1);
  return read;
}

}  // namespace

Prompts prompts_of(const Recipe& recipe, const UNetConfig& unet) {
  const Diffusion& how = diffusion_of(recipe);
  return {.prompt = recipe.prompt,
          .negative = recipe.negative,
          .guided = how.scale != 1.0 && unet.guidance_channels == 0,
          .steps = *how.steps * find_sampler(how.sampler).evaluations,
          .size = recipe.size,
          .reading = reading_of(how.reading)};
}

Prompts second_prompts_of(const Recipe& recipe, const UNetConfig& unet, Image::Size size) {
  const Diffusion& how = diffusion_of(recipe);
  Prompts prompts = prompts_of(recipe, unet);
  prompts.size = size;
  prompts.second_pass = *how.second_pass.steps * find_sampler(how.sampler).evaluations;
  return prompts;
}

}  // namespace easel
