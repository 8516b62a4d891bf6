#include "cli/enlargers.h"

#include "cli/upscaler_choice.h"
#include "pipeline/editing/latent_resize.h"
#include "recipe/fields.h"

namespace easel::cli {
namespace {

// A recipe calls the one that ships by its name, a command by none.
std::string wanted_again(const Enlarging& again) {
  return again.upscaler == fields::kUpscaler.usual ? "" : again.upscaler;
}

bool needs_network(const SecondPass& second) {
  return second.scale && !enlarges_by_itself(second.upscaler);
}

}  // namespace

void Enlargers::open_for(Recipe& recipe, const std::string& wanted) {
  if (recipe.enlarging.factor) recipe.enlarging.upscaler = named(wanted).name;
  const SecondPass& second = diffusion_of(recipe).second_pass;
  if (needs_network(second)) named(second.upscaler);
  for (const Enlarging& again : recipe.enlarged_again) named(wanted_again(again));
}

void Enlargers::help(const Recipe& recipe, DrawHooks& hooks) {
  const SecondPass& second = diffusion_of(recipe).second_pass;
  if (!needs_network(second)) return;
  hooks.enlarge = [this, &enlarger = named(second.upscaler), factor = second.scale](
                      const Image& image, Image::Size size) {
    return finished(image, {.factor = factor, .result = size}, &enlarger, &spec_.cancel);
  };
}

Image Enlargers::enlarged(Image drawn, const Recipe& recipe, const std::string& wanted) {
  const Enlarger* last = recipe.enlarging.factor ? &named(wanted) : nullptr;
  drawn = finished(drawn, recipe.enlarging, last, &spec_.cancel);
  for (const Enlarging& again : recipe.enlarged_again)
    drawn = finished(drawn, again, &named(wanted_again(again)), &spec_.cancel);
  return drawn;
}

const Enlarger& Enlargers::named(const std::string& wanted) {
  const auto known = open_.find(wanted);
  if (known != open_.end()) return known->second;
  return open_.emplace(wanted, open_enlarger(wanted, spec_.backend, spec_.places, spec_.program))
      .first->second;
}

}  // namespace easel::cli
