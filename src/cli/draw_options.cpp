#include "cli/draw_options.h"

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/live_preview.h"
#include "cli/option_checks.h"
#include "cli/recipe_options.h"
#include "diffusion/samplers.h"

namespace easel::cli {
namespace {

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
  add_recipe_options(app, options.recipe, {.group = kEditingGroup});
  add_recipe_options(app, options.recipe, {.group = kSpeedGroup});
  add_output_options(app, options);
  add_model_options(app, options.model);
  refuse_short_n(app);
  app.footer(sampler_list() +
             "\nExamples:\n"
             "  easel draw \"a cat wearing sunglasses, in the style of Van Gogh\"\n"
             "  easel draw \"a robot\" --grid 4x4 --seed 1 -o robots.png\n"
             "  easel draw \"a castle at night\" --init sketch.png --strength 0.8\n"
             "  easel draw \"a ship at sea\" -m ldm-text2img-large --precision fp16");
}

}  // namespace easel::cli
