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
#include "cli/option_checks.h"
#include "cli/output_path.h"
#include "cli/places.h"
#include "cli/progress.h"
#include "cli/prompts.h"
#include "cli/script_noise.h"
#include "cli/txt2img_names.h"
#include "cli/txt2img_options.h"
#include "core/error.h"
#include "core/shell.h"
#include "image/grid.h"
#include "pipeline/drawing/recipe_check.h"
#include "pipeline/families.h"
#include "recipe/fields.h"
#include "recipe/forms.h"

namespace easel::cli {

namespace fs = std::filesystem;

namespace {

// The checkpoint where the original looks for it, else the installed one. Returns false where there
// is neither, and the embedded model draws.
bool choose_checkpoint(ModelOptions& model, const Places& places) {
  if (!model.model.empty()) return true;
  if (fs::exists(kOriginalCheckpoint)) {
    model.model = kOriginalCheckpoint;
    if (model.config.empty() && fs::exists(kOriginalConfig)) model.config = kOriginalConfig;
    return true;
  }
  for (const char* name : {"ldm-text2img-large-original", "ldm-text2img-large"}) {
    for (const InstalledModel& installed : installed_models(places)) {
      if (installed.name != name) continue;
      model.model = name;
      return true;
    }
  }
  return false;
}

// One command: the pictures of a prompt, or of a file of them.
class Txt2img {
 public:
  Txt2img(Txt2imgOptions options, const Context& context)
      : options_(std::move(options)),
        context_(context),
        console_(detect_console()),
        progress_(console_, /*quiet=*/false) {
    if (options_.laion400m) {
      options_.model.model.clear();
      options_.model.config.clear();
      options_.outdir = "outputs/txt2img-samples-laion400m";
    }
    if (!options_.from_file.empty()) {
      prompts_ = read_prompts({}, options_.from_file);
      options_.run.samples = std::min(options_.run.samples, static_cast<int>(prompts_.size()));
      for (const Prompt& prompt : prompts_) check_prompt(prompt.text);
    } else if (!options_.script.skip_grid) {
      check_grid_name(options_.recipe.prompt);
    }
  }

  void run() {
    open();
    const Recipe recipe = complete();
    if (!options_.script.skip_save) check_folder(samples_folder());
    if (prompts_.empty()) {
      draw_prompt(recipe);
    } else {
      batches().draw(recipe,
                     [this](const Recipe& one, NoiseSource& noise) { draw_line(one, noise); });
    }
    finish(recipe);
  }

 private:
  fs::path samples_folder() const { return fs::path(options_.outdir) / "samples"; }

  void open() {
    const Places places = find_places();
    found_ = choose_checkpoint(options_.model, places);
    progress_.status("reading the model");
    model_ = open_drawing_model(location_of(options_.model, places, context_.program),
                                engine_options(options_.model));
    const ModelInfo& info = model_->info();
    for (const std::string& note : info.notes) progress_.note("easel: " + note);
    check_latents(options_.script, info);
    if (!found_) draw_small();
  }

  // What is said for the large model, or left to its defaults, would not suit the small one.
  void draw_small() {
    options_.model.model = fields::kModel.usual;
    const ModelInfo& info = model_->info();
    Recipe& recipe = options_.recipe;
    if (recipe.size.width == kOriginalSide && recipe.size.height == kOriginalSide) {
      recipe.size = {.width = info.native_width, .height = info.native_height};
    }
    std::optional<double>& scale = diffusion_of(recipe).scale;
    if (scale == kOriginalScale) scale = info.defaults.scale;
    progress_.note(fmt::format(
        "easel: neither {} nor an installed ldm-text2img-large is here: the small default model "
        "draws, {} x {} pixels with guidance {}; '{} fetch ldm-text2img-large' gets the large one",
        kOriginalCheckpoint, recipe.size.width, recipe.size.height, *scale,
        shell_quoted(context_.program)));
  }

  // As the options say it, whole, and of the run's first picture.
  Recipe complete() {
    Recipe recipe = options_.recipe;
    Diffusion& how = diffusion_of(recipe);
    how.sampler = options_.dpm_solver ? "dpmpp-2m" : options_.plms ? "plms" : "ddim";
    if (options_.dpm_solver) how.schedule = "time-uniform";
    if (!recipe.seed.seed) recipe.seed.seed = random_seed();
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

  PromptBatches batches() const {
    const ModelInfo& info = model_->info();
    const Image::Size size = options_.recipe.size;
    const int latent =
        size.width / info.latent_factor * (size.height / info.latent_factor) * info.latent_channels;
    return {.prompts = prompts_,
            .samples = options_.run.samples,
            .latent = static_cast<std::size_t>(latent),
            .first_drawn_once = options_.run.fixed_start};
  }

  DrawHooks hooks(DrawProgress& steps) {
    DrawHooks hooks;
    hooks.cancel = &context_.cancel;
    hooks.on_note = [this](const std::string& note) { progress_.note("easel: " + note); };
    hooks.on_step = [&steps](const DrawStep& step) { steps.on_step(step); };
    return hooks;
  }

  void keep(Image image, const Recipe& recipe) {
    if (!options_.script.skip_save) {
      make_folder(samples_folder());
      if (!names_) names_.emplace(samples_folder());
      write_picture(names_->next(), image, {.metadata = metadata_of(by_easel(recipe))},
                    IfExists::kRefuse);
    }
    drawn_.push_back(std::move(image));
  }

  void draw_prompt(const Recipe& recipe) {
    DrawProgress steps(progress_);
    DrawHooks how = hooks(steps);
    how.on_picture = [&](DrawnPicture picture) {
      const Recipe one = recipe_of_drawn(recipe, picture);
      keep(std::move(picture.image), one);
    };
    model_->draw(recipe, pictures_of(*recipe.seed.shared), how);
  }

  void draw_line(const Recipe& recipe, NoiseSource& noise) {
    DrawProgress steps(progress_);
    DrawHooks how = hooks(steps);
    how.noise = &noise;
    how.on_picture = [&](DrawnPicture picture) {
      const Recipe one = recipe_of_drawn(recipe, picture);
      keep(std::move(picture.image), one);
    };
    Recipe plain = recipe;
    plain.seed.shared->fixed_start = false;  // the noise has it already
    model_->draw(plain, {.count = 1, .batch = 1}, how);
    progress_.restart();
  }

  void finish(Recipe recipe) {
    const Image grid =
        make_grid(drawn_, options_.script.rows > 0 ? options_.script.rows : options_.run.samples);
    recipe.seed.shared->picture = SharedGenerator::kAll;
    if (!options_.script.skip_grid) {
      make_folder(options_.outdir);
      const std::string words = prompts_.empty() ? grid_words(recipe.prompt) : "grid-0000";
      // A grid of several prompts has no one command that gives it again.
      const ImageMetadata metadata =
          prompts_.empty() ? metadata_of(by_easel(recipe)) : ImageMetadata{};
      write_picture(grid_path(options_.outdir, words), grid, {.metadata = metadata},
                    IfExists::kRefuse);
    }
    progress_.clear();
    show_picture(console_, grid);
    std::string line = "seed " + std::to_string(*recipe.seed.seed);
    if (prompts_.empty()) {
      line += "; again: " + command_again(recipe, options_.model, context_.program);
    }
    print_line(line);
    // The original's last words, letter for letter: old scripts may wait for them.
    print_line("Your samples are ready and waiting four you here: \n" + options_.outdir +
               " \nEnjoy.");
  }

  Txt2imgOptions options_;
  const Context& context_;
  const Console console_;
  Progress progress_;
  std::vector<Prompt> prompts_;  // of the file; empty: --prompt
  bool found_ = false;           // the large model
  std::unique_ptr<DrawingModel> model_;
  std::optional<SampleNames> names_;
  std::vector<Image> drawn_;
};

}  // namespace

Action add_txt2img(CLI::App& app) {
  const auto options = std::make_shared<Txt2imgOptions>();
  add_txt2img_options(app, *options);
  let_the_last_count(app);
  refuse_short_n(app);
  app.footer(
      "Pictures go to OUTDIR/samples/0000.png and on, the grid to OUTDIR/<prompt-with-dashes>.png; "
      "what "
      "exists\nis numbered past. Options may be shortened, and of one that comes twice the last "
      "counts.\n\nExample, the one of latent-diffusion's README:\n"
      "  easel txt2img --prompt \"a virus monster is playing guitar, oil on canvas\" --ddim_eta "
      "0.0 \\\n"
      "    --n_samples 4 --n_iter 4 --scale 5.0 --ddim_steps 50");
  return [options](const Context& context) { Txt2img(*options, context).run(); };
}

}  // namespace easel::cli
