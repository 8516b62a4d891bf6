#include <CLI/App.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "cli/argparse.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/draw_progress.h"
#include "cli/given_pictures.h"
#include "cli/model_options.h"
#include "cli/option_checks.h"
#include "cli/output_path.h"
#include "cli/places.h"
#include "cli/progress.h"
#include "cli/prompts.h"
#include "cli/script_options.h"
#include "cli/txt2img_names.h"
#include "core/error.h"
#include "image/grid.h"
#include "pipeline/drawing/recipe_check.h"
#include "pipeline/families.h"
#include "recipe/forms.h"

namespace easel::cli {

namespace fs = std::filesystem;

namespace {

constexpr int kSideMultiple = 32;  // to which that script cuts a picture

struct Img2imgOptions {
  Recipe recipe;
  SharedGenerator run;
  bool plms = false;
  bool fixed_code = false;
  ScriptOptions script;
  std::string outdir = "outputs/img2img-samples";
  ModelOptions model;  // --ckpt, --config, --vocab

  Editing& editing() { return diffusion_of(recipe).editing; }
};

// OUTDIR/grid-0000.png: the first number that is free.
fs::path grid_file(const fs::path& folder) {
  for (int number = 0;; ++number) {
    fs::path path = folder / fmt::format("grid-{:04}.png", number);
    if (!fs::exists(fs::symlink_status(path))) return path;
  }
}

Image::Size cut_to_multiples(Image::Size size) {
  size.width -= size.width % kSideMultiple;
  size.height -= size.height % kSideMultiple;
  if (size.width > 0 && size.height > 0) return size;
  fail(ErrorCode::kUsage,
       "the picture is cut to multiples of {} pixels, which leaves nothing of it", kSideMultiple);
}

// As the options say it, whole, and of the run's first picture.
Recipe first_of_run(Img2imgOptions& options, std::optional<GivenPixels>& given) {
  if (options.plms) fail(ErrorCode::kUsage, "--plms cannot begin at a picture: leave it out");
  if (options.editing().init.file.empty()) fail(ErrorCode::kUsage, "--init-img FILE is needed");
  check_prompt(options.recipe.prompt);
  options.editing().resize_mode = "stretch";
  given = read_given(options.recipe);
  options.recipe.size = cut_to_multiples(given->init.size());
  Recipe recipe = options.recipe;
  diffusion_of(recipe).sampler = "ddim";
  recipe.seed.shared = options.run;
  return recipe;
}

std::unique_ptr<DrawingModel> open_model(const Img2imgOptions& options, const Context& context,
                                         Progress& progress) {
  auto model = open_drawing_model(location_of(options.model, find_places(), context.program),
                                  engine_options(options.model));
  check_latents(options.script, model->info());
  for (const std::string& note : model->info().notes) progress.note("easel: " + note);
  return model;
}

Recipe completed_by(const DrawingModel& model, const Recipe& asked) {
  Recipe recipe = model.completed(asked);
  recipe.model.name = model.info().name;
  recipe.arithmetic = model.arithmetic();
  return recipe;
}

void img2img(Img2imgOptions options, const Context& context) {
  std::optional<GivenPixels> given;
  const Recipe asked = first_of_run(options, given);
  const Console console = detect_console();
  Progress progress(console, /*quiet=*/false);
  progress.status("reading the model");
  const auto model = open_model(options, context, progress);

  Recipe recipe = completed_by(*model, asked);
  const Pictures which = pictures_of(options.run);
  check_pictures(recipe, which);
  const fs::path outdir = options.outdir, samples = outdir / "samples";
  check_folder(samples);

  std::vector<Image> pictures;
  SampleNames names(samples, /*digits=*/5);
  DrawProgress steps(progress);
  DrawHooks hooks;
  hooks.cancel = &context.cancel;
  hooks.given = &*given;
  hooks.on_note = [&](const std::string& note) { progress.note("easel: " + note); };
  hooks.on_step = [&](const DrawStep& step) { steps.on_step(step); };
  hooks.on_picture = [&](DrawnPicture picture) {
    if (!options.script.skip_save) {
      make_folder(samples);
      const Recipe one = of_picture(recipe, picture.index);
      write_picture(names.next(), picture.image, {.metadata = metadata_of(by_easel(one))},
                    IfExists::kRefuse);
    }
    pictures.push_back(std::move(picture.image));
  };
  model->draw(recipe, which, hooks);

  recipe.seed.shared->picture = SharedGenerator::kAll;
  const Image grid =
      make_grid(pictures, options.script.rows > 0 ? options.script.rows : options.run.samples);
  if (!options.script.skip_grid) {
    make_folder(outdir);
    write_picture(grid_file(outdir), grid, {.metadata = metadata_of(by_easel(recipe))},
                  IfExists::kRefuse);
  }
  progress.clear();
  show_picture(console, grid);
  print_line("seed " + std::to_string(*recipe.seed.seed) +
             "; again: " + command_again(recipe, options.model, context.program));
  // The original's last words, letter for letter: old scripts may wait for them.
  print_line("Your samples are ready and waiting for you here: \n" + options.outdir +
             " \n \nEnjoy.");
}

// Names and defaults are those of stable-diffusion's scripts/img2img.py.
void set_script_defaults(Img2imgOptions& options) {
  options.recipe.prompt = "a painting of a virus monster playing guitar";
  options.recipe.method = Diffusion{.steps = 50, .scale = 5.0, .eta = 0.0};
  options.recipe.seed.seed = 42;
  options.editing().strength = 0.75;
  options.run = {.iterations = 1, .samples = 2};
}

void add_picture_options(CLI::App& app, Img2imgOptions& options) {
  Diffusion& how = diffusion_of(options.recipe);
  app.add_option("--prompt", options.recipe.prompt, "The prompt to render")
      ->type_name("TEXT")
      ->capture_default_str();
  app.add_option("--init-img", options.editing().init.file, "The picture to begin at")
      ->type_name("FILE");
  app.add_option("--strength", options.editing().strength,
                 "How much of it is drawn anew: 1.0 is everything")
      ->check(real_number(0, 1))
      ->type_name("X")
      ->default_str("0.75");
  app.add_option("--ddim_steps", how.steps, "Number of sampling steps")
      ->check(whole_number(1))
      ->type_name("N")
      ->default_str("50");
  app.add_option("--ddim_eta", how.eta, "DDIM's eta; 0 is deterministic sampling")
      ->check(real_number(0, 1))
      ->type_name("X")
      ->default_str("0.0");
  app.add_option("--scale", how.scale,
                 "Guidance: eps = eps(empty) + scale * (eps(prompt) - eps(empty))")
      ->check(real_number(0, 1000))
      ->type_name("X")
      ->default_str("5.0");
  app.add_option("--seed", options.recipe.seed.seed, "The run's seed")
      ->check(seed_number())
      ->type_name("N")
      ->default_str("42");
  app.add_flag("--plms", options.plms, "Refused, as by the original");
}

void add_run_options(CLI::App& app, Img2imgOptions& options) {
  app.add_option("--n_iter", options.run.iterations, "Sample this often")
      ->check(whole_number(1, 10'000))
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--n_samples", options.run.samples, "How many samples to draw at once")
      ->check(whole_number(1, 1'000))
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--outdir", options.outdir, "Where to write")
      ->type_name("DIR")
      ->capture_default_str();
  add_script_options(app, options.script, "Options");
  app.add_flag("--fixed_code", options.fixed_code, "Changes nothing, as in the original");
  app.add_option("--ckpt", options.model.model, "The checkpoint [the model that draws by itself]")
      ->type_name("MODEL");
  app.add_option("--config", options.model.config, "Its configuration")->type_name("FILE");
  app.add_option("--vocab", options.model.vocab, "Its vocab.txt")->type_name("FILE");
}

}  // namespace

Action add_img2img(CLI::App& app) {
  const auto options = std::make_shared<Img2imgOptions>();
  set_script_defaults(*options);
  add_picture_options(app, *options);
  add_run_options(app, *options);
  let_the_last_count(app);
  refuse_short_n(app);
  app.footer(
      "Pictures go to OUTDIR/samples/00000.png and on, the grid to OUTDIR/grid-0000.png; what "
      "exists\nis numbered past. The picture is cut to multiples of 32 pixels.\n\nExample:\n"
      "  easel img2img --prompt \"a castle at night\" --init-img sketch.png --strength 0.8");
  return [options](const Context& context) { img2img(*options, context); };
}

}  // namespace easel::cli
