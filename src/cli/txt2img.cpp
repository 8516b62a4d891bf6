#include <CLI/App.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/draw_progress.h"
#include "cli/model_options.h"
#include "cli/option_checks.h"
#include "cli/output_path.h"
#include "cli/places.h"
#include "cli/progress.h"
#include "cli/prompts.h"
#include "core/error.h"
#include "core/shell.h"
#include "image/grid.h"
#include "pipeline/drawing/recipe_check.h"
#include "pipeline/families.h"
#include "recipe/forms.h"

namespace easel::cli {

namespace fs = std::filesystem;

namespace {

constexpr const char* kOriginalCheckpoint = "models/ldm/text2img-large/model.ckpt";
constexpr const char* kOriginalConfig = "configs/latent-diffusion/txt2img-1p4B-eval.yaml";
constexpr std::size_t kMaxFileName = 255;  // bytes, on every file system of Linux

struct Txt2imgOptions {
  Recipe recipe;
  SharedGenerator run;
  bool plms = false;
  std::string outdir = "outputs/txt2img-samples";
  ModelOptions model;  // --ckpt, --config, --vocab
};

// The checkpoint where the original looks for it, else the installed one, else the embedded model.
void choose_checkpoint(ModelOptions& model, const Places& places, Progress& progress) {
  if (!model.model.empty()) return;
  if (fs::exists(kOriginalCheckpoint)) {
    model.model = kOriginalCheckpoint;
    if (model.config.empty() && fs::exists(kOriginalConfig)) model.config = kOriginalConfig;
    return;
  }
  for (const char* name : {"ldm-text2img-large-original", "ldm-text2img-large"}) {
    for (const InstalledModel& installed : installed_models(places)) {
      if (installed.name != name) continue;
      model.model = name;
      return;
    }
  }
  progress.note(std::string("easel: neither ") + kOriginalCheckpoint +
                " nor an installed ldm-text2img-large is here: the small default model draws");
}

std::string grid_words(const std::string& prompt) {
  std::string words = prompt;
  std::replace(words.begin(), words.end(), ' ', '-');
  return words;
}

// The original would fail at the very end, with all the work done.
void check_grid_name(const std::string& prompt) {
  check_prompt(prompt);
  if (is_blank(prompt))
    fail(ErrorCode::kUsage,
         "--prompt is empty; 'easel draw --allow-empty \"\"' draws without words");
  if (prompt.find('/') != std::string::npos)
    fail(ErrorCode::kUsage,
         "the grid is named after the prompt, and a file's name cannot hold '/': write the prompt "
         "without it, or use 'easel draw', which chooses names itself");
  const std::size_t bytes = grid_words(prompt).size() + std::string(".png").size();
  if (bytes > kMaxFileName)
    fail(ErrorCode::kUsage,
         "the grid is named after the prompt, and this one's name would have {} bytes, over the {} "
         "that a file system takes: shorten the prompt, or use 'easel draw', which chooses names "
         "itself",
         bytes, kMaxFileName);
}

// PROMPT.png, or PROMPT-2.png and so on where that exists.
fs::path grid_path(const fs::path& folder, const std::string& prompt) {
  const std::string words = grid_words(prompt);
  fs::path path = folder / (words + ".png");
  for (int number = 2; fs::exists(fs::symlink_status(path)); ++number) {
    const std::string ending = "-" + std::to_string(number) + ".png";
    path = folder / (words.substr(0, kMaxFileName - ending.size()) + ending);
  }
  return path;
}

// The next %04d.png: the original counts what is in the folder; here, never onto a file.
class SampleNames {
 public:
  explicit SampleNames(fs::path folder) : folder_(std::move(folder)) {
    std::error_code error;
    for (fs::directory_iterator it(folder_, error), end; !error && it != end; it.increment(error))
      ++next_;
  }

  fs::path next() {
    fs::path path;
    do {
      path = folder_ / fmt::format("{:04}.png", next_++);
    } while (fs::exists(fs::symlink_status(path)));
    return path;
  }

 private:
  fs::path folder_;
  int next_ = 0;
};

// As the options say it, whole, and of the run's first picture.
Recipe recipe_of(const Txt2imgOptions& options) {
  Recipe recipe = options.recipe;
  diffusion_of(recipe).sampler = options.plms ? "plms" : "ddim";
  if (!recipe.seed.seed) recipe.seed.seed = random_seed();
  recipe.seed.shared = options.run;
  return recipe;
}

void txt2img(Txt2imgOptions options, const Context& context) {
  check_grid_name(options.recipe.prompt);
  const Console console = detect_console();
  Progress progress(console, /*quiet=*/false);
  const Places places = find_places();
  choose_checkpoint(options.model, places, progress);
  progress.status("reading the model");
  const auto model = open_drawing_model(location_of(options.model, places, context.program),
                                        engine_options(options.model));
  for (const std::string& note : model->info().notes) progress.note("easel: " + note);

  Recipe recipe = model->completed(recipe_of(options));
  recipe.model.name = model->info().name;
  recipe.arithmetic = model->arithmetic();
  const Pictures which = pictures_of(options.run);
  check_pictures(recipe, which);
  const fs::path outdir = options.outdir, samples = outdir / "samples";
  check_folder(samples);

  SampleNames names(samples);
  std::vector<Image> pictures;
  DrawProgress steps(progress);
  DrawHooks hooks;
  hooks.cancel = &context.cancel;
  hooks.on_note = [&](const std::string& note) { progress.note("easel: " + note); };
  hooks.on_step = [&](const DrawStep& step) { steps.on_step(step); };
  hooks.on_picture = [&](DrawnPicture picture) {
    make_folder(samples);
    const Recipe one = of_picture(recipe, picture.index);
    write_picture(names.next(), picture.image, {.metadata = metadata_of(by_easel(one))},
                  IfExists::kRefuse);
    pictures.push_back(std::move(picture.image));
  };
  model->draw(recipe, which, hooks);

  const Image grid = make_grid(pictures, options.run.samples);
  recipe.seed.shared->picture = SharedGenerator::kAll;
  write_picture(grid_path(outdir, recipe.prompt), grid, {.metadata = metadata_of(by_easel(recipe))},
                IfExists::kRefuse);
  progress.clear();
  show_picture(console, grid);
  print_line("seed " + std::to_string(*recipe.seed.seed) +
             "; again: " + command_again(recipe, options.model, context.program));
  // The original's last words, letter for letter: old scripts may wait for them.
  print_line("Your samples are ready and waiting four you here: \n" + options.outdir + " \nEnjoy.");
}

// Names, defaults and texts are those of latent-diffusion's scripts/txt2img.py.
void set_original_defaults(Txt2imgOptions& options) {
  options.recipe.prompt = "a painting of a virus monster playing guitar";
  options.recipe.size = {.width = 256, .height = 256};
  options.recipe.method = Diffusion{.steps = 200, .scale = 5.0, .eta = 0.0};
  options.run = {.iterations = 1, .samples = 4};
}

void add_size_and_number(CLI::App& app, Txt2imgOptions& options) {
  Image::Size& size = options.recipe.size;
  app.add_option("--n_iter", options.run.iterations, "Sample this often")
      ->check(whole_number(1, 10'000))
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--H", size.height, "Picture height, in pixels")
      ->check(whole_number(1))
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--W", size.width, "Picture width, in pixels")
      ->check(whole_number(1))
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--n_samples", options.run.samples, "How many samples to draw at once")
      ->check(whole_number(1, 1'000))
      ->type_name("N")
      ->capture_default_str();
}

void add_original_options(CLI::App& app, Txt2imgOptions& options) {
  Recipe& recipe = options.recipe;
  Diffusion& diffusion = diffusion_of(recipe);
  app.add_option("--prompt", recipe.prompt, "The prompt to render")
      ->type_name("TEXT")
      ->capture_default_str();
  app.add_option("--outdir", options.outdir, "Where to write")
      ->type_name("DIR")
      ->capture_default_str();
  app.add_option("--ddim_steps", diffusion.steps, "Number of sampling steps")
      ->check(whole_number(1))
      ->type_name("N")
      ->default_str("200");
  app.add_flag("--plms", options.plms, "Use PLMS sampling");
  app.add_option("--ddim_eta", diffusion.eta, "DDIM's eta; 0 is deterministic sampling")
      ->check(real_number(0, 1))
      ->type_name("X")
      ->default_str("0.0");
  add_size_and_number(app, options);
  app.add_option("--scale", diffusion.scale,
                 "Guidance: eps = eps(empty) + scale * (eps(prompt) - eps(empty))")
      ->check(real_number(-1000, 1000))
      ->type_name("X")
      ->default_str("5.0");
}

void add_own_options(CLI::App& app, Txt2imgOptions& options) {
  const char* group = "Beyond the original";
  app.add_option("--seed", options.recipe.seed.seed,
                 "As torch.manual_seed just before the first batch [random; always printed]")
      ->check(seed_number())
      ->type_name("N")
      ->group(group);
  app.add_option("--ckpt", options.model.model,
                 std::string("The checkpoint [") + kOriginalCheckpoint +
                     " if there, else the installed one]")
      ->type_name("MODEL")
      ->group(group);
  app.add_option("--config", options.model.config, "Its configuration")
      ->type_name("FILE")
      ->group(group);
  app.add_option("--vocab", options.model.vocab, "Its vocab.txt")->type_name("FILE")->group(group);
}

}  // namespace

Action add_txt2img(CLI::App& app) {
  const auto options = std::make_shared<Txt2imgOptions>();
  set_original_defaults(*options);
  add_original_options(app, *options);
  add_own_options(app, *options);
  refuse_short_n(app);
  app.footer(
      "Pictures go to OUTDIR/samples/0000.png and on, the grid to OUTDIR/<prompt-with-dashes>.png; "
      "what "
      "exists\nis numbered past.\n\nExample, the one of latent-diffusion's README:\n"
      "  easel txt2img --prompt \"a virus monster is playing guitar, oil on canvas\" --ddim_eta "
      "0.0 \\\n"
      "    --n_samples 4 --n_iter 4 --scale 5.0 --ddim_steps 50");
  return [options](const Context& context) { txt2img(*options, context); };
}

}  // namespace easel::cli
