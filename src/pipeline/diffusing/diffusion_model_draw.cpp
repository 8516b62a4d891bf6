// How a DiffusionModel draws: the words first, then the networks, then the run.

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/diffusing/beside.h"
#include "pipeline/diffusing/diffusion_model.h"
#include "pipeline/diffusing/draw_run.h"
#include "pipeline/diffusing/edges_of_run.h"
#include "pipeline/diffusing/finite.h"
#include "pipeline/diffusing/run_prompts.h"
#include "pipeline/drawing/editing_check.h"
#include "pipeline/drawing/recipe_check.h"

namespace easel {

// The text encoder is given back after use unless it is kept.
std::vector<Told> DiffusionModel::told_of(const std::vector<Prompts>& runs,
                                          const CancelToken* cancel) {
  std::vector<Told> told;
  bool encoded = false;
  for (const Prompts& prompts : runs) {
    if (!parts_.prompts->remembers(prompts)) {
      if (!encoded) make_room_for_prompts();
      encoded = true;
      parts_.prompts->prepare(prompts);
    }
    if (cancel != nullptr) cancel->check();
    told.push_back(parts_.prompts->told(prompts));
  }
  if (encoded && !options_.keep_text_encoder) {
    parts_.prompts->release();
    parts_.backend->arena().trim();
  }
  for (const Told& one : told) require_finite_told(one);
  return told;
}

void DiffusionModel::require_finite_told(const Told& told) {
  for (const Conditioning& context : told.contexts) {
    std::vector<float> values(static_cast<std::size_t>(context.sequence.elements()));
    parts_.backend->download(context.sequence, Layout::kPixels, values);
    require_finite(values, "what the text encoder made of the prompt", parts_.weights.get());
  }
}

std::vector<DrawnPicture> DiffusionModel::draw(const Recipe& asked, const Pictures& which,
                                               const DrawHooks& hooks) {
  const Recipe recipe = with_tiles_where_needed(completed_recipe(asked, info()));
  check_pictures(recipe, which);
  check_given(recipe, hooks.given);
  plan_of(recipe);  // refuses what the sampler does not take before anything is read
  second_plan(recipe);
  require_memory(recipe, which);
  const CancelToken* cancel = hooks.ends_steps();
  if (cancel != nullptr) cancel->check();
  const UNetConfig& unet = parts_.unet->config();
  std::vector<Prompts> runs = {prompts_of(recipe, unet)};
  if (hooks.on_note) std::ranges::for_each(notes(recipe), hooks.on_note);
  const std::vector<std::string> said = parts_.prompts->notes(runs.front());
  if (diffusion_of(recipe).second_pass.scale) {
    runs.push_back(second_prompts_of(recipe, unet, last_size(recipe, info().size_multiple)));
  }
  const Batching together = batching(recipe, which);
  const std::vector<Told> told = told_of(runs, cancel);
  load(cancel);
  settle_parameterization(hooks);
  return draw_loaded({.recipe = recipe,
                      .told = told,
                      .prompt_notes = fmt::format("{}", fmt::join(said, "; ")),
                      .together = together},
                     which, hooks);
}

void DiffusionModel::note_run(const Recipe& recipe, const Plan& plan, Image::Size last,
                              const DrawHooks& hooks) const {
  if (!plan.note().empty()) hooks.on_note(plan.note());
  const int side = std::max(last.width, last.height) / info().latent_factor;
  if (const auto tile = diffusion_of(recipe).vae_tile; tile && *tile < side) {
    hooks.on_note(
        fmt::format("decoded in tiles of {} latents a side, whose seams are blended", *tile));
  }
}

void DiffusionModel::make_room_for_decoding() {
  if (options_.keep_denoiser) return;
  parts_.unet->release();
  parts_.backend->arena().trim();
}

std::vector<DrawnPicture> DiffusionModel::draw_loaded(const Ready& ready, const Pictures& which,
                                                      const DrawHooks& hooks) {
  const Recipe& recipe = ready.recipe;
  const Plan plan = plan_of(recipe);
  const Image::Size last = last_size(recipe, info().size_multiple);
  if (hooks.on_note) note_run(recipe, plan, last, hooks);
  const EdgesOfRun edges(parts_, diffusion_of(recipe).tile);
  std::optional<Start> start;
  if (begins_at_picture(recipe)) start = start_of(recipe, *hooks.given);
  const Start* at = start ? &*start : nullptr;
  const SeesBeside sees = seen_beside(parts_.unet->config(), parts_.codec->facts());
  const auto beside_of = [&](Image::Size size) {
    return make_beside(*parts_.backend, *parts_.codec, sees, at, size);
  };
  const auto address_of = [](const Tensor& tensor) { return tensor.empty() ? nullptr : &tensor; };
  const Tensor beside = beside_of(recipe.size);
  DrawParts parts{.backend = *parts_.backend,
                  .unet = parts_.unet->network(),
                  .codec = *parts_.codec,
                  .plan = plan,
                  .told = ready.told.front(),
                  .batch = ready.together.batch,
                  .pass = ready.together.pass,
                  .weights = parts_.weights.get(),
                  .prompt_notes = ready.prompt_notes,
                  .start = at,
                  .beside = address_of(beside),
                  .beside_guides = sees == SeesBeside::kPicture,
                  .second = {},
                  .denoised = [this] { make_room_for_decoding(); }};
  const std::optional<Plan> second = second_plan(recipe);
  if (!second) return DrawRun(parts, recipe, which, hooks)();
  const Tensor beside_last = beside_of(last);
  parts.second.emplace(DrawParts::Second{
      .plan = *second, .told = ready.told.back(), .size = last, .beside = address_of(beside_last)});
  return DrawRun(parts, recipe, which, hooks)();
}

}  // namespace easel
