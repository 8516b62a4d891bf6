#include "cli/plot_options.h"

#include <string_view>

#include "cli/option_checks.h"
#include "cli/prompts.h"
#include "cli/recipe_options.h"
#include "recipe/fields.h"

namespace easel::cli {
namespace {

void add_axes(CLI::App& app, PlotOptions& options) {
  const char* group = "Axes";
  app.add_option("--x", options.x, "What changes from column to column, as steps=5,10,20")
      ->type_name("SETTING=V,V")
      ->required()
      ->group(group);
  app.add_option("--y", options.y, "From row to row, as prompt:cat,dog")
      ->type_name("SETTING=V,V")
      ->group(group);
  app.add_option("--z", options.z, "From one block of rows to the next, as seed=1-4")
      ->type_name("SETTING=V,V")
      ->group(group);
}

void add_sheet_options(CLI::App& app, PlotOptions& options) {
  const char* group = "Output";
  const Field* const unused[] = {&fields::kGrid, &fields::kEnlargedAgain};
  add_recipe_options(app, options.recipe, {.group = kOutputGroup, .but = unused});
  app.add_option("-o,--output", options.output,
                 "The sheet's file (.png, .jpg, .webp), or a folder with '/' "
                 "[outputs/NNNN-words.png]")
      ->type_name("PATH")
      ->group(group);
  app.add_option("--upscaler", options.model.upscaler,
                 "What --upscale enlarges with: an ESRGAN file, an installed name, or lanczos "
                 "[Easel's own]")
      ->type_name("MODEL")
      ->group(group);
  app.add_option("--pictures", options.pictures, "A folder where each picture is kept, too")
      ->type_name("DIR")
      ->group(group);
  app.add_option("--names", options.names, "How they are called there [[number]-[prompt]]")
      ->type_name("PATTERN")
      ->group(group);
  app.add_flag("--force", options.force, "Replace a file that exists")->group(group);
  app.add_flag("--json", options.json, "Print the result as JSON")->group(group);
  app.add_flag("--quiet", options.quiet, "Print nothing but errors (and --json)")->group(group);
  app.add_flag("--no-show", options.no_show, "Do not show the sheet in the terminal")->group(group);
}

}  // namespace

void add_plot_options(CLI::App& app, PlotOptions& options) {
  app.add_option("PROMPT", options.words, "What to draw: one prompt")->type_name("");
  add_wildcards_folder_option(app, options.wildcards_folder, options.recipe);
  add_axes(app, options);
  for (const std::string_view group : {kPictureGroup, kEditingGroup, kSpeedGroup})
    add_recipe_options(app, options.recipe, {.group = group});
  add_sheet_options(app, options);
  add_model_options(app, options.model);
  refuse_short_n(app);
  app.footer(
      "An axis is over any setting of a picture by its option's name, and over model, lora, "
      "upscaler,\nsubject and style. prompt:cat,dog replaces \"cat\" by each, negative:fog,rain "
      "likewise; prompt=\nis whole prompts. Numbers may be a range, as seed=1-4; \"\\,\" is a "
      "comma "
      "within a value.\n\nExamples:\n"
      "  easel plot \"a cat\" --x steps=5,10,20 --y scale=1,3,7 --seed 1 -o sheet.png\n"
      "  easel plot --x subject=cat,dog --y style=Monet,\"Van Gogh\" --seed 1");
}

}  // namespace easel::cli
