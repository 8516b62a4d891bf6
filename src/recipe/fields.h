#pragma once

#include <string_view>

#include "recipe/field.h"
#include "recipe/fields_editing.h"
#include "recipe/fields_output.h"
#include "recipe/recipe.h"

// The one list of a picture's settings: a row a setting (those of editing in fields_editing.h, of
// what comes after drawing in fields_output.h) and, in visit_fields, where it lies in a Recipe. To
// add one: its member, its row, its line in visit_fields, and what uses it to draw.

namespace easel {

namespace fields {

inline constexpr Field kPrompt{.json = "prompt",
                               .script = "--prompt",
                               .webui = "prompt",
                               .title = "Prompt",
                               .help = "What to draw",
                               .unit = "TEXT",
                               .most = 8192};
inline constexpr Field kNegative{.json = "negative",
                                 .option = "--negative",
                                 .webui = "negative_prompt",
                                 .title = "Steered from",
                                 .help = "What should not be in it",
                                 .group = kPictureGroup,
                                 .unit = "TEXT",
                                 .most = 8192};
inline constexpr Field kSteps{
    .json = "steps",
    .parameters = "Steps",
    .place = 1,
    .option = "--steps",
    .script = "--ddim_steps",
    .webui = "steps",
    .title = "Steps",
    .help = "Denoising steps: more take longer, 10 to 50 are usual [the model's, else 25]",
    .group = kPictureGroup,
    .unit = "N",
    .least = 1,
    .most = 1000};
inline constexpr Field kSampler{
    .json = "sampler",
    .parameters = "Sampler",
    .place = 2,
    .option = "--sampler",
    .webui = "sampler_name",
    .title = "Sampler",
    .help = "How the steps are taken; see below [the model's, else dpmpp-2m]",
    .group = kPictureGroup,
    .unit = "NAME",
    .most = 100};
inline constexpr Field kScale{
    .json = "scale",
    .parameters = "CFG scale",
    .place = 3,
    .option = "--scale,--cfg-scale",
    .script = "--scale",
    .webui = "cfg_scale",
    .title = "Guidance",
    .help = "Guidance: how closely to follow the words; 1 is not at all [the model's, else 7.5]",
    .group = kPictureGroup,
    .unit = "X",
    .least = 0,
    .most = 100};
inline constexpr Field kEta{.json = "eta",
                            .parameters = "Eta",
                            .place = 8,
                            .option = "--eta",
                            .script = "--ddim_eta",
                            .webui = "eta",
                            .title = "Added noise",
                            .help = "Noise that DDIM adds in each step, 0 to 1 [0]",
                            .group = kPictureGroup,
                            .unit = "X",
                            .least = 0,
                            .most = 1};
inline constexpr Field kSchedule{
    .json = "schedule",
    .parameters = "Schedule type",
    .place = 11,
    .option = "--schedule",
    .webui = "scheduler",
    .title = "Schedule",
    .help =
        "How the steps' noise levels are spread: karras, exponential, sgm-uniform, … [the "
        "sampler's own]",
    .group = kPictureGroup,
    .unit = "NAME",
    .most = 100};
inline constexpr Field kClipSkip{
    .json = "clip_skip",
    .parameters = "Clip skip",
    .place = 12,
    .option = "--clip-skip",
    .title = "Clip skip",
    .help = "Stable Diffusion 1: leave out the text encoder's last layers; 1 is none of them [1]",
    .group = kPictureGroup,
    .unit = "N",
    .least = 1,
    .most = 12};
inline constexpr Field kPromptSyntax{
    .json = "prompt_syntax",
    .parameters = "Prompt syntax",
    .place = 13,
    .option = "--prompt-syntax",
    .title = "Prompt syntax",
    .help =
        "Stable Diffusion: a1111 reads (weights:1.2), [schedules:0.5], AND and BREAK; plain "
        "reads every sign as text [a1111]",
    .group = kPictureGroup,
    .unit = "NAME",
    .choices = "a1111 plain",
    .usual = "a1111"};
inline constexpr Field kEmphasis{
    .json = "emphasis",
    .parameters = "Emphasis",
    .place = 14,
    .option = "--emphasis",
    .title = "Emphasis",
    .help =
        "Stable Diffusion: what a prompt's weights do: original, no-norm, ignore or none "
        "[original]",
    .group = kPictureGroup,
    .unit = "NAME",
    .most = 20};
inline constexpr Field kSeed{.json = "seed",
                             .parameters = "Seed",
                             .place = 4,
                             .option = "--seed,-s",
                             .script = "--seed",
                             .webui = "seed",
                             .title = "Seed",
                             .help = "Same seed, same picture [random; always printed]",
                             .group = kPictureGroup,
                             .unit = "N"};
inline constexpr Field kRng{
    .json = "rng",
    .parameters = "RNG",
    .place = 9,
    .option = "--rng",
    .title = "Random numbers",
    .help =
        "Whose random numbers: torch-cpu, PyTorch's on a processor, or nv, on an NVIDIA card "
        "[torch-cpu]",
    .group = kPictureGroup,
    .unit = "NAME",
    .asked = false,
    .choices = "torch-cpu nv",
    .usual = "torch-cpu"};
inline constexpr Field kSeedDelta{
    .json = "seed_delta",
    .parameters = "ENSD",
    .place = 15,
    .option = "--seed-delta",
    .title = "Noise seed delta",
    .help = "Begin the generators anew after the start noise, seeded so much higher [not]",
    .group = kPictureGroup,
    .unit = "N"};
inline constexpr Field kWidth{.json = "width",
                              .option = "-W,--width",
                              .script = "--W",
                              .webui = "width",
                              .title = "Width",
                              .help = "Pixels [the model's own size]",
                              .group = kPictureGroup,
                              .unit = "N",
                              .least = 1,
                              .most = 2048};
inline constexpr Field kHeight{.json = "height",
                               .option = "-H,--height",
                               .script = "--H",
                               .webui = "height",
                               .title = "Height",
                               .help = "Pixels [the model's own size]",
                               .group = kPictureGroup,
                               .unit = "N",
                               .least = 1,
                               .most = 2048};
/// Both sides, where they are one text.
inline constexpr Field kSize{.parameters = "Size", .place = 5};
inline constexpr Field kModel{.json = "model",
                              .parameters = "Model",
                              .place = 7,
                              .option = "-m,--model",
                              .script = "--ckpt",
                              .title = "Model",
                              .help = "A model's name",
                              .unit = "NAME",
                              .most = 200,
                              .usual = "default"};
inline constexpr Field kModelHash{.json = "model_sha256",
                                  .parameters = "Model hash",
                                  .place = 6,
                                  .title = "Model's SHA-256",
                                  .asked = false};
inline constexpr Field kLoras{.json = "loras",
                              .parameters = "LoRAs",
                              .place = 16,
                              .option = "--lora",
                              .title = "LoRAs",
                              .help = "Changes to the model's weights, and how much they count",
                              .unit = "FILE[:X[:Y]]",
                              .most = 4096};
inline constexpr Field kPrecision{.json = "precision",
                                  .parameters = "Precision",
                                  .place = 10,
                                  .option = "--precision",
                                  .title = "Precision",
                                  .help = "How numbers are kept: fp32, fp16, bf16, q8",
                                  .unit = "P",
                                  .asked = false,
                                  .choices = "fp32 fp16 bf16 q8",
                                  .usual = "fp32"};
inline constexpr Field kGuidanceInterval{
    .json = "guidance_interval",
    .parameters = "Guidance interval",
    .place = 20,
    .option = "--guidance-interval",
    .title = "Guided from, to",
    .help =
        "Guide only in this part of the run, as fractions of it; elsewhere a step takes half "
        "the work [0:1]",
    .group = kSpeedGroup,
    .unit = "A:B",
    .least = 0,
    .most = 1,
    .wanted = "A:B, fractions of the run with 0 <= A < B <= 1 as in 0.1:0.8"};
inline constexpr Field kDeepCache{
    .json = "deep_cache",
    .parameters = "DeepCache",
    .place = 21,
    .option = "--fast",
    .title = "DeepCache",
    .help =
        "cache:N computes the network's deep levels in every Nth step and uses them again in "
        "between; cache is cache:3 [not at all]",
    .group = kSpeedGroup,
    .unit = "cache[:N]",
    .least = 1,
    .most = 100,
    .wanted = "cache, or cache:N with N from 2 to 100"};
inline constexpr Field kVaeTile{
    .json = "vae_tile",
    .parameters = "Tiled VAE",
    .place = 32,
    .option = "--tiled-vae",
    .title = "Decoded in tiles",
    .help =
        "Decode in tiles of so many latents a side, which takes less memory; their seams are "
        "blended [64 where a whole picture does not fit, else not]",
    .group = kPictureGroup,
    .unit = "N",
    .least = 8,
    .most = 256,
    .asked = false};
inline constexpr Field kVariation{
    .json = "variation",
    .parameters = "Variation seed",
    .place = 22,
    .option = "--variation",
    .title = "Variation",
    .help = "Turn the noise towards that of another seed, by 0 to 1 [not at all]",
    .group = kPictureGroup,
    .unit = "SEED:STRENGTH",
    .least = 0,
    .most = 1,
    .wanted = "SEED:STRENGTH, a whole number and one from 0 to 1, as in 7:0.25"};
inline constexpr Field kSharedGenerator{.json = "txt2img",
                                        .parameters = "txt2img",
                                        .place = 28,
                                        .title = "Run of txt2img",
                                        .asked = false};
inline constexpr Field kBackend{.json = "backend",
                                .parameters = "Backend",
                                .place = 29,
                                .option = "--backend",
                                .title = "Backend",
                                .help = "What computes",
                                .unit = "B",
                                .asked = false,
                                .choices = "cpu onednn reference",
                                .usual = "cpu"};
inline constexpr Field kTarget{
    .json = "target", .title = "Instruction set", .asked = false, .in_files = false};
}  // namespace fields

/// visit_fields, of those of a picture that begins at another one. E: Editing or const Editing.
template <typename E, typename Visit>
void visit_editing(E& editing, Visit&& visit) {
  visit(fields::kInit, editing.init.file);
  visit(fields::kInitHash, editing.init.sha256);
  visit(fields::kStrength, editing.strength);
  visit(fields::kResizeMode, editing.resize_mode);
  visit(fields::kMask, editing.masking.mask.file);
  visit(fields::kMaskHash, editing.masking.mask.sha256);
  visit(fields::kMaskBlur, editing.masking.blur);
  visit(fields::kMaskGrow, editing.masking.grow);
  visit(fields::kMaskInvert, editing.masking.invert);
  visit(fields::kMaskContent, editing.masking.content);
  visit(fields::kOnlyMasked, editing.masking.only_masked);
  visit(fields::kMaskPadding, editing.masking.padding);
  visit(fields::kExtend, editing.extend);
  visit(fields::kImageScale, editing.image_scale);
}

/// Of a second pass. S: SecondPass or const SecondPass.
template <typename S, typename Visit>
void visit_second_pass(S& second, Visit&& visit) {
  visit(fields::kHires, second.scale);
  visit(fields::kHiresStrength, second.strength);
  visit(fields::kHiresSteps, second.steps);
  visit(fields::kHiresUpscaler, second.upscaler);
}

/// Of where the words come from, and of what draws nothing. R: Recipe or const Recipe.
template <typename R, typename Visit>
void visit_beside(R& recipe, Visit&& visit) {
  visit(fields::kUnfinished, recipe.unfinished);
  visit(fields::kWildcards, recipe.templates.by_seed);
  visit(fields::kTemplate, recipe.templates.prompt);
  visit(fields::kNegativeTemplate, recipe.templates.negative);
  visit(fields::kPromptNotes, recipe.prompt_notes);
  visit(fields::kSubject, recipe.labels.subject);
  visit(fields::kStyle, recipe.labels.style);
}

/// Calls visit(row, member) for every setting that the recipe's method has, in the order of Easel's
/// record in picture files. R: Recipe or const Recipe.
template <typename R, typename Visit>
void visit_fields(R& recipe, Visit&& visit) {
  auto* diffusion = std::get_if<Diffusion>(&recipe.method);
  visit(fields::kPrompt, recipe.prompt);
  visit(fields::kNegative, recipe.negative);
  if (diffusion != nullptr) {
    visit(fields::kSteps, diffusion->steps);
    visit(fields::kSampler, diffusion->sampler);
    visit(fields::kScale, diffusion->scale);
    visit(fields::kEta, diffusion->eta);
    visit(fields::kSchedule, diffusion->schedule);
    visit(fields::kPromptSyntax, diffusion->reading.syntax);
    visit(fields::kEmphasis, diffusion->reading.emphasis);
    visit(fields::kClipSkip, diffusion->reading.clip_skip);
  }
  visit(fields::kSeed, recipe.seed.seed);
  visit(fields::kRng, recipe.seed.rng);
  visit(fields::kSeedDelta, recipe.seed.delta);
  visit(fields::kWidth, recipe.size.width);
  visit(fields::kHeight, recipe.size.height);
  visit(fields::kSize, recipe.size);
  visit(fields::kModel, recipe.model.name);
  visit(fields::kModelHash, recipe.model.sha256);
  visit(fields::kLoras, recipe.model.loras);
  visit(fields::kPrecision, recipe.arithmetic.precision);
  if (diffusion != nullptr) {
    visit(fields::kGuidanceInterval, diffusion->guidance_interval);
    visit(fields::kDeepCache, diffusion->deep_cache);
    visit(fields::kVaeTile, diffusion->vae_tile);
    visit_editing(diffusion->editing, visit);
    visit_second_pass(diffusion->second_pass, visit);
    visit(fields::kTile, diffusion->tile);
  }
  visit(fields::kVariation, recipe.seed.variation);
  visit(fields::kUpscale, recipe.enlarging.factor);
  visit(fields::kUpscaler, recipe.enlarging.upscaler);
  visit(fields::kResult, recipe.enlarging.result);
  visit(fields::kEnlargedAgain, recipe.enlarged_again);
  visit(fields::kGrid, recipe.grid);
  visit(fields::kSharedGenerator, recipe.seed.shared);
  visit(fields::kBackend, recipe.arithmetic.backend);
  visit(fields::kTarget, recipe.arithmetic.target);
  visit_beside(recipe, visit);
}

/// Calls visit(row) for every setting.
template <typename Visit>
void visit_rows(Visit&& visit) {
  const Recipe recipe;
  visit_fields(recipe, [&](const Field& field, const auto&) { visit(field); });
}

}  // namespace easel
