#pragma once

#include <string_view>

#include "recipe/recipe.h"

// The one list of a picture's settings: a row a setting and, in visit_fields, where it lies in a
// Recipe. To add one: its member, its row, its line in visit_fields, and what uses it to draw.

namespace easel {

/// What there is to say of a setting outside the code that draws with it. A name that is empty
/// there is not in that form.
struct Field {
  std::string_view json;        ///< in the APIs and the store
  std::string_view parameters;  ///< key in AUTOMATIC1111's text
  /// Order in that text, which other programs show as it comes. What stands before kExtra is in
  /// Easel's own record under its JSON name, the others under their key in "extra".
  int place = 0;
  std::string_view option;  ///< of easel draw, as CLI11 takes it: "-W,--width"
  std::string_view script;  ///< of latent-diffusion's scripts
  std::string_view webui;   ///< in AUTOMATIC1111's API
  std::string_view title;   ///< as the page calls it
  std::string_view help;    ///< one line
  std::string_view unit;    ///< what help shows for a value: "N"
  double least = 0;         ///< of numbers
  double most = 0;
  bool pixels = true;  ///< whether pixels depend on it
  bool asked = true;   ///< whether a client may ask for it; otherwise it is only told
};

constexpr int kExtraPlace = 20;
constexpr int kLastPlace = 100;

namespace fields {

inline constexpr Field kPrompt{.json = "prompt",
                               .script = "--prompt",
                               .webui = "prompt",
                               .title = "Prompt",
                               .help = "What to draw",
                               .unit = "TEXT"};
inline constexpr Field kNegative{.json = "negative",
                                 .option = "--negative",
                                 .webui = "negative_prompt",
                                 .title = "Steered from",
                                 .help = "What should not be in it",
                                 .unit = "TEXT"};
inline constexpr Field kSteps{
    .json = "steps",
    .parameters = "Steps",
    .place = 1,
    .option = "--steps",
    .script = "--ddim_steps",
    .webui = "steps",
    .title = "Steps",
    .help = "Denoising steps: more take longer, 10 to 50 are usual [the model's, else 25]",
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
    .unit = "NAME"};
inline constexpr Field kScale{
    .json = "scale",
    .parameters = "CFG scale",
    .place = 3,
    .option = "--scale,--cfg-scale",
    .script = "--scale",
    .webui = "cfg_scale",
    .title = "Guidance",
    .help = "Guidance: how closely to follow the words; 1 is not at all [the model's, else 7.5]",
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
                            .unit = "X",
                            .least = 0,
                            .most = 1};
inline constexpr Field kSeed{.json = "seed",
                             .parameters = "Seed",
                             .place = 4,
                             .option = "-s,--seed",
                             .script = "--seed",
                             .webui = "seed",
                             .title = "Seed",
                             .help = "Same seed, same picture [random; always printed]",
                             .unit = "N"};
inline constexpr Field kRng{
    .json = "rng",
    .parameters = "RNG",
    .place = 9,
    .option = "--rng",
    .title = "Random numbers",
    .help = "The random numbers' generator: torch-cpu, as PyTorch's [torch-cpu]",
    .unit = "NAME",
    .asked = false};
inline constexpr Field kWidth{.json = "width",
                              .option = "-W,--width",
                              .script = "--W",
                              .webui = "width",
                              .title = "Width",
                              .help = "Pixels [the model's own size]",
                              .unit = "N",
                              .least = 1,
                              .most = 2048};
inline constexpr Field kHeight{.json = "height",
                               .option = "-H,--height",
                               .script = "--H",
                               .webui = "height",
                               .title = "Height",
                               .help = "Pixels [the model's own size]",
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
                              .unit = "NAME"};
inline constexpr Field kModelHash{.json = "model_sha256",
                                  .parameters = "Model hash",
                                  .place = 6,
                                  .title = "Model's SHA-256",
                                  .asked = false};
inline constexpr Field kPrecision{.json = "precision",
                                  .parameters = "Precision",
                                  .place = 10,
                                  .option = "--precision",
                                  .title = "Precision",
                                  .help = "How numbers are kept: fp32, fp16, bf16",
                                  .unit = "P",
                                  .asked = false};
inline constexpr Field kGuidanceInterval{
    .json = "guidance_interval",
    .parameters = "Guidance interval",
    .place = 20,
    .option = "--guidance-interval",
    .title = "Guided from, to",
    .help =
        "Guide only in this part of the run, as fractions of it; elsewhere a step takes half "
        "the work [0:1]",
    .unit = "A:B",
    .least = 0,
    .most = 1};
inline constexpr Field kDeepCache{
    .json = "deep_cache",
    .parameters = "DeepCache",
    .place = 21,
    .option = "--fast",
    .title = "DeepCache",
    .help =
        "cache:N computes the network's deep levels in every Nth step and uses them again in "
        "between; cache is cache:3 [not at all]",
    .unit = "cache[:N]",
    .least = 1,
    .most = 100};
inline constexpr Field kVariation{
    .json = "variation",
    .parameters = "Variation seed",
    .place = 22,
    .option = "--variation",
    .title = "Variation",
    .help = "Turn the noise towards that of another seed, by 0 to 1 [not at all]",
    .unit = "SEED:STRENGTH",
    .least = 0,
    .most = 1};
inline constexpr Field kUpscale{.json = "upscale",
                                .parameters = "Upscale",
                                .place = 23,
                                .option = "--upscale",
                                .title = "Enlarged",
                                .help = "Enlarge every picture so many times [not at all]",
                                .unit = "X",
                                .least = 0.01,
                                .most = 16};
inline constexpr Field kUpscaler{
    .json = "upscaler",
    .parameters = "Upscaler",
    .place = 24,
    .option = "--upscaler",
    .title = "Upscaler",
    .help = "With what: an ESRGAN file, an installed name, or lanczos [Easel's own]",
    .unit = "MODEL"};
/// The exact size after enlarging.
inline constexpr Field kResult{.json = "result",
                               .parameters = "Resized",
                               .place = 25,
                               .option = "--resize",
                               .title = "Resized",
                               .help = "Then resize to exactly this [not at all]",
                               .unit = "WIDTHxHEIGHT",
                               .least = 1,
                               .most = 8192,
                               .asked = false};
inline constexpr Field kGrid{.json = "grid",
                             .parameters = "Grid",
                             .place = 26,
                             .option = "--grid",
                             .title = "Grid",
                             .help = "Draw COLUMNS x ROWS pictures into one file",
                             .unit = "COLUMNSxROWS",
                             .least = 1,
                             .most = 64,
                             .asked = false};
inline constexpr Field kSharedGenerator{.json = "txt2img",
                                        .parameters = "txt2img",
                                        .place = 27,
                                        .title = "Run of txt2img",
                                        .asked = false};
inline constexpr Field kBackend{.json = "backend",
                                .parameters = "Backend",
                                .place = 28,
                                .option = "--backend",
                                .title = "Backend",
                                .help = "What computes",
                                .unit = "B",
                                .asked = false};
inline constexpr Field kTarget{.json = "target", .title = "Instruction set", .asked = false};
inline constexpr Field kSubject{.json = "subject",
                                .parameters = "Subject",
                                .place = 30,
                                .title = "Subject",
                                .help = "Under which subject the gallery shelves it",
                                .unit = "NAME",
                                .pixels = false};
inline constexpr Field kStyle{.json = "style",
                              .parameters = "Style",
                              .place = 31,
                              .title = "Style",
                              .help = "Under which style the gallery shelves it",
                              .unit = "NAME",
                              .pixels = false};

}  // namespace fields

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
  }
  visit(fields::kSeed, recipe.seed.seed);
  visit(fields::kRng, recipe.seed.rng);
  visit(fields::kWidth, recipe.size.width);
  visit(fields::kHeight, recipe.size.height);
  visit(fields::kSize, recipe.size);
  visit(fields::kModel, recipe.model.name);
  visit(fields::kModelHash, recipe.model.sha256);
  visit(fields::kPrecision, recipe.arithmetic.precision);
  if (diffusion != nullptr) {
    visit(fields::kGuidanceInterval, diffusion->guidance_interval);
    visit(fields::kDeepCache, diffusion->deep_cache);
  }
  visit(fields::kVariation, recipe.seed.variation);
  visit(fields::kUpscale, recipe.enlarging.factor);
  visit(fields::kUpscaler, recipe.enlarging.upscaler);
  visit(fields::kResult, recipe.enlarging.result);
  visit(fields::kGrid, recipe.grid);
  visit(fields::kSharedGenerator, recipe.seed.shared);
  visit(fields::kBackend, recipe.arithmetic.backend);
  visit(fields::kTarget, recipe.arithmetic.target);
  visit(fields::kSubject, recipe.labels.subject);
  visit(fields::kStyle, recipe.labels.style);
}

}  // namespace easel
