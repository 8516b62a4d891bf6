#include <CLI/App.hpp>
#include <algorithm>
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
#include "cli/script_noise.h"
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
  std::string from_file;
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

// Draws one run, step by step as that script does.
class Img2img {
 public:
  Img2img(Img2imgOptions options, const Context& context)
      : options_(std::move(options)),
        context_(context),
        console_(detect_console()),
        progress_(console_, /*quiet=*/false) {
    if (options_.plms) fail(ErrorCode::kUsage, "--plms cannot begin at a picture: leave it out");
    if (options_.editing().init.file.empty()) fail(ErrorCode::kUsage, "--init-img FILE is needed");
    if (!options_.from_file.empty()) {
      prompts_ = read_prompts({}, options_.from_file);
      options_.run.samples = std::min(options_.run.samples, static_cast<int>(prompts_.size()));
    }
    for (const Prompt& prompt : prompts_) check_prompt(prompt.text);
    check_prompt(options_.recipe.prompt);
    options_.editing().resize_mode = "stretch";
    given_ = read_given(options_.recipe);
    options_.recipe.size = cut_to_multiples(given_->init.size());
  }

  void run() {
    progress_.status("reading the model");
    model_ = open_drawing_model(location_of(options_.model, find_places(), context_.program),
                                engine_options(options_.model));
    check_latents(options_.script, model_->info());
    for (const std::string& note : model_->info().notes) progress_.note("easel: " + note);
    const Recipe recipe = complete();
    check_folder(samples_folder());
    if (prompts_.empty()) {
      draw(recipe, pictures_of(*recipe.seed.shared), nullptr);
    } else {
      batches().draw(recipe, [this](const Recipe& one, NoiseSource& noise) {
        draw(one, {.count = 1, .batch = 1}, &noise);
      });
    }
    finish(recipe);
  }

 private:
  fs::path samples_folder() const { return fs::path(options_.outdir) / "samples"; }

  // What the autoencoder's posterior is sampled with comes first, once for all batches.
  PromptBatches batches() const {
    const ModelInfo& info = model_->info();
    const Image::Size size = options_.recipe.size;
    const int latent =
        size.width / info.latent_factor * (size.height / info.latent_factor) * info.latent_channels;
    return {.prompts = prompts_,
            .samples = options_.run.samples,
            .latent = static_cast<std::size_t>(latent),
            .first_drawn_once = true};
  }

  // As the options say it, whole, and of the run's first picture.
  Recipe complete() const {
    Recipe recipe = options_.recipe;
    diffusion_of(recipe).sampler = "ddim";
    recipe.seed.shared = options_.run;
    if (!prompts_.empty()) {
      recipe.seed.shared->iterations *= batches().count();
      recipe.prompt = prompts_.front().text;
    }
    recipe = model_->completed(recipe);
    recipe.model.name = model_->info().name;
    recipe.arithmetic = model_->arithmetic();
    check_pictures(recipe, pictures_of(*recipe.seed.shared));
    return recipe;
  }

  void draw(const Recipe& recipe, const Pictures& which, NoiseSource* noise) {
    DrawProgress steps(progress_);
    DrawHooks hooks;
    hooks.cancel = &context_.cancel;
    hooks.given = &*given_;
    hooks.noise = noise;
    hooks.on_note = [this](const std::string& note) { progress_.note("easel: " + note); };
    hooks.on_step = [&](const DrawStep& step) { steps.on_step(step); };
    hooks.on_picture = [&](DrawnPicture picture) {
      if (!options_.script.skip_save) keep(picture.image, recipe_of_drawn(recipe, picture));
      drawn_.push_back(std::move(picture.image));
    };
    model_->draw(recipe, which, hooks);
    progress_.restart();
  }

  void keep(const Image& image, const Recipe& recipe) {
    make_folder(samples_folder());
    if (!names_) names_.emplace(samples_folder(), /*digits=*/5);
    write_picture(names_->next(), image, {.metadata = metadata_of(by_easel(recipe))},
                  IfExists::kRefuse);
  }

  void finish(Recipe recipe) {
    recipe.seed.shared->picture = SharedGenerator::kAll;
    const Image grid =
        make_grid(drawn_, options_.script.rows > 0 ? options_.script.rows : options_.run.samples);
    if (!options_.script.skip_grid) {
      make_folder(options_.outdir);
      // A grid of several prompts has no one command that gives it again.
      const ImageMetadata metadata =
          prompts_.empty() ? metadata_of(by_easel(recipe)) : ImageMetadata{};
      write_picture(grid_file(options_.outdir), grid, {.metadata = metadata}, IfExists::kRefuse);
    }
    progress_.clear();
    show_picture(console_, grid);
    std::string line = "seed " + std::to_string(*recipe.seed.seed);
    if (prompts_.empty())
      line += "; again: " + command_again(recipe, options_.model, context_.program);
    print_line(line);
    // The original's last words, letter for letter: old scripts may wait for them.
    print_line("Your samples are ready and waiting for you here: \n" + options_.outdir +
               " \n \nEnjoy.");
  }

  Img2imgOptions options_;
  const Context& context_;
  const Console console_;
  Progress progress_;
  std::vector<Prompt> prompts_;  // of the file; empty: --prompt
  std::optional<GivenPixels> given_;
  std::unique_ptr<DrawingModel> model_;
  std::optional<SampleNames> names_;
  std::vector<Image> drawn_;
};

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
  app.add_option("--from-file", options.from_file,
                 "Render the prompts of a file, one a line, --n_samples of them at once")
      ->type_name("FILE");
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
  return [options](const Context& context) { Img2img(*options, context).run(); };
}

}  // namespace easel::cli
