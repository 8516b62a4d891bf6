#include "cli/draw_options.h"

#include <fmt/format.h>

#include <filesystem>

#include "cli/commands.h"
#include "cli/live_preview.h"
#include "cli/option_checks.h"
#include "cli/output_path.h"
#include "cli/picture_tasks.h"
#include "cli/prompts.h"
#include "cli/recipe_options.h"
#include "core/error.h"
#include "diffusion/samplers.h"
#include "image/codec.h"
#include "pipeline/families.h"
#include "recipe/values.h"

namespace easel::cli {
namespace {

constexpr const char* kDrawExamples =
    "\nExamples:\n"
    "  easel draw \"a cat wearing sunglasses, in the style of Van Gogh\"\n"
    "  easel draw \"a robot\" --grid 4x4 --seed 1 -o robots.png\n"
    "  easel draw \"a castle at night\" --init sketch.png --strength 0.8\n"
    "  easel draw \"a {red|blue} car\" --wildcards --count 4\n"
    "  easel draw \"a ship at sea\" -m ldm-text2img-large --precision fp16";

// What the model that draws where none is named has for its own.
std::string usual_settings() {
  try {
    const auto model = open_drawing_model({.path = default_model(find_places())}, {});
    const ModelInfo& own = model->info();
    return fmt::format("Without -m {} draws: {} x {} pixels, {} steps of {}, guidance {}.\n\n",
                       own.name, own.native_width, own.native_height, own.defaults.steps,
                       own.defaults.sampler, own.defaults.scale);
  } catch (const Error&) {
    return "";  // it is not there, which drawing will say
  }
}

std::string sampler_list() {
  std::string list = "Samplers:\n";
  for (const Sampler& sampler : samplers())
    list += fmt::format("  {:<18} {}\n", sampler.id, sampler.description);
  return list;
}

void add_output_options(CLI::App& app, DrawCommandOptions& options) {
  const char* group = "Output";
  app.add_option("--count", options.count, "Pictures of each prompt, seeds counting up [1]")
      ->check(whole_number(1, 10'000))
      ->type_name("N")
      ->group(group);
  app.add_flag("--forever", options.forever, "Go on with new seeds until Ctrl-C, each picture kept")
      ->group(group);
  add_recipe_options(app, options.recipe, {.group = kOutputGroup});
  app.add_option("--upscaler", options.model.upscaler,
                 "With what: an ESRGAN file, an installed name, or lanczos [Easel's own]")
      ->type_name("MODEL")
      ->group(group);
  app.add_option("-o,--output", options.output,
                 "A file (.png, .jpg, .webp), a folder with '/', or - for a PNG on standard output "
                 "[outputs/NNNN-words.png]")
      ->type_name("PATH")
      ->group(group);
  app.add_option("--names", options.names,
                 "How files in a folder are called: text, [prompt], [seed] and other settings, "
                 "[number], [date] [[number]-[prompt]]")
      ->type_name("PATTERN")
      ->group(group);
  app.add_flag("--force", options.force, "Replace files that exist")->group(group);
  add_preview_option(app, options.preview, group);
  app.add_option("--from-file", options.from_file,
                 "Draw the prompts of a file, one a line; - is standard input")
      ->type_name("FILE")
      ->group(group);
  app.add_flag("--json", options.json, "Print the result as JSON")->group(group);
  app.add_flag("--quiet", options.quiet, "Print nothing but errors (and --json)")->group(group);
  add_latents_options(app, options.latents);
  app.add_flag("--no-show", options.no_show, "Do not show the picture in the terminal")
      ->group(group);
}

}  // namespace

void add_draw_command_options(CLI::App& app, DrawCommandOptions& options) {
  app.add_option(
         "PROMPT", options.words,
         "What to draw. Quoted prompts are drawn one after another; words without quotes are "
         "one prompt")
      ->type_name("");
  add_recipe_options(app, options.recipe, {.group = kPictureGroup});
  app.add_flag("--allow-empty", options.allow_empty,
               "Draw an empty prompt: whatever the model likes")
      ->group(std::string(kPictureGroup));
  add_wildcards_folder_option(app, options.wildcards_folder, options.recipe);
  add_recipe_options(app, options.recipe, {.group = kEditingGroup});
  add_recipe_options(app, options.recipe, {.group = kSpeedGroup});
  add_output_options(app, options);
  add_model_options(app, options.model);
  refuse_short_n(app);
  // Reading the model waits until somebody asks for help.
  app.footer([] { return usual_settings() + sampler_list() + kDrawExamples; });
}

namespace {

void check_stream(const DrawCommandOptions& options, const Console& console) {
  if (options.json) fail(ErrorCode::kUsage, "--json and -o - would both write to standard output");
  if (!options.preview.empty())
    fail(ErrorCode::kUsage, "a preview lies beside the output, and -o - has no place");
  if (console.out_is_terminal)
    fail(ErrorCode::kUsage, "-o - writes a picture, and standard output is a terminal");
}

void check_grid(const GridSize& grid, const DrawCommandOptions& options) {
  const int cells = grid.columns * grid.rows;
  if (options.count && *options.count != cells)
    fail(ErrorCode::kUsage, "--grid {} is {} pictures, --count says {}: leave --count out",
         text_of(grid), cells, *options.count);
  if (options.recipe.templates.by_seed)
    fail(ErrorCode::kUsage,
         "--grid is one prompt's, and --wildcards may choose another for each picture: --count "
         "draws them one by one");
}

// What has one result, or one place for it, has no end of them.
void check_forever(const DrawCommandOptions& options) {
  const std::string& output = options.output;
  if (!output.empty() && !output.ends_with('/') && !std::filesystem::is_directory(output))
    fail(ErrorCode::kUsage, "--forever draws into a folder, and -o {} is one file: -o {}/", output,
         std::filesystem::path(output).stem().string());
  if (!options.latents.file.empty() || !options.latents.noise.empty())
    fail(ErrorCode::kUsage, "--forever has no end that --save-latents or --noise could know of");
}

}  // namespace

void check_together(const DrawCommandOptions& options, const Console& console) {
  if (options.forever) check_forever(options);
  if (options.recipe.grid) check_grid(*options.recipe.grid, options);
  if (options.output == kStandardStream) {
    check_stream(options, console);
  } else if (!options.output.empty() && !options.output.ends_with('/') &&
             !std::filesystem::is_directory(options.output)) {
    format_for(options.output);
  }
  if (!options.names.empty()) FileNames{options.names};  // told before anything is read
  if (diffusion_of(options.recipe).second_pass.scale && !options.latents.file.empty())
    fail(ErrorCode::kUsage, "--save-latents keeps latents of one size: leave --hires out");
  if (!options.recipe.enlarging.factor && !options.model.upscaler.empty())
    fail(ErrorCode::kUsage, "--upscaler says with what, --upscale how much: give both");
}

}  // namespace easel::cli
