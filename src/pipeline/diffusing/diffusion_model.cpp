#include "pipeline/diffusing/diffusion_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/error.h"
#include "pipeline/diffusing/draw_run.h"
#include "pipeline/diffusing/run_prompts.h"
#include "pipeline/drawing/editing_check.h"
#include "pipeline/drawing/recipe_check.h"
#include "pipeline/parts/memory.h"
#include "pipeline/parts/tiled_decoding.h"

namespace easel {
namespace {

// Latent pixels that are worth putting through the denoiser together: with more, time only grows.
constexpr int kPassPixels = 4096;
constexpr int kMaxPass = 16;
// The program itself, tokenizer, pictures.
constexpr std::int64_t kOverhead = std::int64_t{64} << 20;

std::optional<SigmaSpacing> spacing_of(const Diffusion& how) {
  if (how.schedule.empty()) return std::nullopt;
  return sigma_spacing_named(how.schedule);
}

// Of a file, or as they were asked for.
bool is_in_eight_bits(const Weights& weights) {
  return std::ranges::any_of(weights.entries(), [](const auto& named) {
    const TensorSource& source = named.second.source;
    return source.dtype == DType::kI8 && source.shape.rank() >= 2;
  });
}

}  // namespace

DiffusionModel::DiffusionModel(DiffusionParts parts, const DrawingOptions& options)
    : options_(options),
      parts_(std::move(parts)),
      eight_bits_(is_in_eight_bits(*parts_.weights)),
      schedule_(parts_.schedule) {}

Recipe DiffusionModel::completed(const Recipe& asked) const {
  Recipe recipe = completed_recipe(asked, info());
  plan_of(recipe);
  return with_tiles_where_needed(std::move(recipe));
}

// A picture that would be decoded whole where memory does not hold that is decoded in tiles, which
// its recipe then says.
Recipe DiffusionModel::with_tiles_where_needed(Recipe recipe) const {
  auto& tile = diffusion_of(recipe).vae_tile;
  const Image::Size last = last_size(recipe, info().size_multiple);
  if (tile || std::max(last.width, last.height) / info().latent_factor <= kUsualTile) {
    return recipe;
  }
  const std::int64_t limit = memory_limit();
  // As if there were another batch, beside which the denoiser stays: a picture is the same whatever
  // is drawn with it, and on whichever program's behalf.
  const Pictures several{.count = 2};
  if (memory_with(recipe, several, 1) <= limit) return recipe;
  tile = kUsualTile;
  if (memory_with(recipe, several, 1) > limit) tile.reset();  // it is not the decoder
  return recipe;
}

std::vector<std::string> DiffusionModel::notes(const Recipe& recipe) const {
  const Prompts prompts = prompts_of(recipe, parts_.unet->config());
  std::vector<std::string> all = parts_.prompts->lengths(prompts);
  std::ranges::move(parts_.prompts->notes(prompts), std::back_inserter(all));
  return all;
}

Arithmetic DiffusionModel::arithmetic() const {
  const BackendFacts facts = parts_.backend->facts();
  return {.precision = eight_bits_ ? "q8" : facts.precision,
          .backend = facts.name,
          .target = facts.target};
}

Plan DiffusionModel::whole_plan(const Recipe& recipe, int steps) const {
  const Diffusion& how = diffusion_of(recipe);
  return {schedule_,
          {.sampler = find_sampler(how.sampler),
           .steps = steps,
           .parameterization = parts_.parameterization,
           .eta = how.eta,
           .spacing = spacing_of(how),
           .rule = parts_.timestep_rule,
           .strength = recipe.seed.shared ? StrengthRule::kCompVis : StrengthRule::kShare}};
}

// Throws kUsage for what the sampler does not take.
Plan DiffusionModel::plan_of(const Recipe& recipe) const {
  const Diffusion& how = diffusion_of(recipe);
  const Plan whole = whole_plan(recipe, *how.steps);
  return begins_at_picture(recipe) ? whole.from(*how.editing.strength) : whole;
}

// So many steps are left of a longer run.
std::optional<Plan> DiffusionModel::second_plan(const Recipe& recipe) const {
  const SecondPass& second = diffusion_of(recipe).second_pass;
  if (!second.scale) return std::nullopt;
  if (*second.strength == 0) return whole_plan(recipe, *second.steps).from(0);
  const int longer = static_cast<int>(*second.steps / *second.strength);
  return whole_plan(recipe, std::min(longer, schedule_.timesteps())).last(*second.steps);
}

Start DiffusionModel::start_of(const Recipe& recipe, const GivenPixels& given) {
  return make_start(*parts_.codec, make_canvas(given, recipe),
                    diffusion_of(recipe).editing.masking);
}

int DiffusionModel::latent_pixels(const Recipe& recipe) const {
  const int factor = info().latent_factor;
  const Image::Size largest = last_size(recipe, info().size_multiple);
  return largest.width / factor * (largest.height / factor);
}

std::int64_t DiffusionModel::bytes_of(std::int64_t parameters) const {
  return parameters * parts_.backend->facts().bytes_per_weight;
}

// A byte a weight, and two for the scale of 32.
std::int64_t DiffusionModel::bytes_of_matrices(std::int64_t parameters) const {
  return eight_bits_ ? parameters + parameters / 16 : bytes_of(parameters);
}

std::int64_t DiffusionModel::bytes_loaded() const {
  return bytes_of_matrices(parts_.prompts->parameters_loaded() + parts_.unet->parameters_loaded()) +
         bytes_of(parts_.codec->parameters_loaded());
}

std::int64_t DiffusionModel::bytes_held() const {
  return static_cast<std::int64_t>(parts_.backend->arena().bytes_reserved());
}

std::int64_t DiffusionModel::memory_with(const Recipe& recipe, const Pictures& which,
                                         int pass) const {
  const int pixels = latent_pixels(recipe);
  const int decoded = std::min(pass, decoder_pass(parts_.codec->facts(), pixels));
  const auto tile = diffusion_of(recipe).vae_tile;
  const std::int64_t decoding = tile ? parts_.codec->activations(1, std::min(pixels, *tile * *tile))
                                     : parts_.codec->activations(decoded, pixels);
  const int contexts = parts_.prompts->contexts_a_step(prompts_of(recipe, parts_.unet->config()));
  const std::int64_t text =
      bytes_of_matrices(parts_.prompts->parameters()) + parts_.prompts->activations(contexts);
  // With a shared generator a batch is given, and its pictures are drawn at once, whatever goes
  // through in a pass.
  const auto& shared = recipe.seed.shared;
  const int kept = std::max(pass, shared ? std::min(shared->samples, which.count) : which.batch);
  const std::int64_t deep = diffusion_of(recipe).deep_cache.every > 1
                                ? parts_.unet->deep_levels(contexts * kept, pixels)
                                : 0;
  const std::int64_t denoising = bytes_of_matrices(parts_.unet->parameters()) + deep +
                                 parts_.unet->activations(contexts * pass, pixels);
  // Of several batches the denoiser stays while all but the last are decoded.
  const bool goes = !options_.keep_denoiser && which.count <= kept;
  const std::int64_t beside_decoding =
      goes ? 0 : bytes_of_matrices(parts_.unet->parameters()) + deep;
  const std::int64_t drawing =
      bytes_of(parts_.codec->parameters()) + std::max(denoising, beside_decoding + decoding);
  return kOverhead + (options_.keep_text_encoder ? text + drawing : std::max(text, drawing));
}

DiffusionModel::Batching DiffusionModel::batching(const Recipe& recipe,
                                                  const Pictures& which) const {
  const int asked = recipe.seed.shared ? recipe.seed.shared->samples : which.batch;
  int pass = std::clamp(kPassPixels / latent_pixels(recipe), 1, kMaxPass);
  if (asked > 0) pass = std::min(pass, asked);
  const std::int64_t limit = memory_limit();
  while (pass > 1 && memory_with(recipe, which, pass) > limit) --pass;
  if (recipe.seed.shared) return {asked, pass};
  // As few batches as need be, of sizes as even as can be.
  const int batches = (which.count + pass - 1) / pass;
  pass = (which.count + batches - 1) / batches;
  return {pass, pass};
}

std::int64_t DiffusionModel::memory_needed(const Recipe& recipe, const Pictures& which) const {
  const Recipe whole = completed(recipe);
  check_pictures(whole, which);
  return memory_with(whole, which, batching(whole, which).pass);
}

std::int64_t DiffusionModel::memory_limit() const {
  if (options_.memory_limit > 0) return options_.memory_limit;
  return parts_.backend->available_memory() + bytes_loaded() + bytes_held();
}

void DiffusionModel::require_memory(const Recipe& recipe, const Pictures& which) const {
  const std::int64_t needed = memory_with(recipe, which, 1), limit = memory_limit();
  if (needed <= limit) return;
  fail(ErrorCode::kNoMemory,
       "drawing {}x{} with '{}' needs {} of memory ({} bytes), and {} are to be had ({} bytes): a "
       "smaller picture{} needs less",
       recipe.size.width, recipe.size.height, info().name, gigabytes(needed), needed,
       gigabytes(limit), limit,
       options_.backend.precision == Precision::kF32 && !eight_bits_ ? ", or fp16 or q8 weights,"
                                                                     : "");
}

// An earlier request's networks make way for the text encoder where memory does not hold them all.
void DiffusionModel::make_room_for_prompts() {
  if (options_.keep_text_encoder) return;
  const std::int64_t together =
      kOverhead + bytes_held() + bytes_loaded() + bytes_of_matrices(parts_.prompts->parameters());
  if (together <= memory_limit()) return;
  parts_.prompts->release();
  parts_.unet->release();
  parts_.codec->release();
}

void DiffusionModel::settle_parameterization(const DrawHooks& hooks) {
  if (parts_.probe == nullptr) return;
  parts_.parameterization =
      std::exchange(parts_.probe, nullptr)(*parts_.backend, parts_.unet->network());
  parts_.info.parameterization = std::string(name_of(parts_.parameterization));
  if (!hooks.on_note) return;
  hooks.on_note(
      fmt::format("nothing says what the model predicts: by a probe of its denoiser it is "
                  "{}",
                  parts_.info.parameterization));
}

void DiffusionModel::load(const CancelToken* cancel) {
  if (cancel != nullptr) cancel->check();
  if (options_.keep_text_encoder) parts_.prompts->load();
  if (cancel != nullptr) cancel->check();
  parts_.unet->load();
  if (cancel != nullptr) cancel->check();
  parts_.codec->load();
}

void DiffusionModel::release() {
  parts_.prompts->release();
  parts_.unet->release();
  parts_.codec->release();
  if (parts_.preview_decoder) parts_.preview_decoder->release();
  parts_.backend->arena().trim();
}

}  // namespace easel
