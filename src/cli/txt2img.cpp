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
#include "cli/redraw.h"
#include "core/error.h"
#include "core/shell.h"
#include "image/grid.h"

namespace easel::cli {

namespace fs = std::filesystem;

namespace {

constexpr const char* kOriginalCheckpoint = "models/ldm/text2img-large/model.ckpt";
constexpr const char* kOriginalConfig = "configs/latent-diffusion/txt2img-1p4B-eval.yaml";
constexpr std::size_t kMaxFileName = 255;  // bytes, on every file system of Linux

// Names and defaults are those of latent-diffusion's scripts/txt2img.py.
struct Options {
  std::string prompt = "a painting of a virus monster playing guitar";
  std::string outdir = "outputs/txt2img-samples";
  int ddim_steps = 200;
  bool plms = false;
  double ddim_eta = 0.0;
  int n_iter = 1;
  int height = 256;
  int width = 256;
  int n_samples = 4;
  double scale = 5.0;
  std::optional<std::uint64_t> seed;
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

DrawRequest request_for(const Options& options) {
  DrawRequest request;
  request.prompt = options.prompt;
  request.steps = options.ddim_steps;
  request.sampler = options.plms ? "plms" : "ddim";
  request.scale = options.scale;
  request.eta = options.ddim_eta;
  request.seed = options.seed ? *options.seed : random_seed();
  request.width = options.width;
  request.height = options.height;
  request.count = options.n_iter * options.n_samples;
  request.batch = options.n_samples;
  request.noise = NoiseLayout::kOneGenerator;
  return request;
}

void txt2img(Options options, const Context& context) {
  check_grid_name(options.prompt);
  const Console console = detect_console();
  Progress progress(console, /*quiet=*/false);
  const Places places = find_places();
  choose_checkpoint(options.model, places, progress);
  progress.status("reading the model");
  TextToImage model(location_of(options.model, places, context.program),
                    engine_options(options.model));
  for (const std::string& note : model.info().notes) progress.note("easel: " + note);

  const DrawRequest request = model.checked(request_for(options));
  const fs::path outdir = options.outdir, samples = outdir / "samples";
  check_folder(samples);

  Txt2imgRun run{.iterations = options.n_iter, .samples = options.n_samples, .picture = 0};
  const auto metadata = [&](int picture) {
    run.picture = picture;
    Settings settings = settings_for(request, model.info().name, options.model);
    add_txt2img_run(settings, run);
    return metadata_of(settings);
  };

  SampleNames names(samples);
  std::vector<Image> pictures;
  DrawProgress steps(progress);
  DrawHooks hooks;
  hooks.cancel = &context.cancel;
  hooks.on_note = [&](const std::string& note) { progress.note("easel: " + note); };
  hooks.on_step = [&](const DrawStep& step) { steps.on_step(step); };
  hooks.on_picture = [&](DrawnPicture picture) {
    make_folder(samples);
    write_picture(names.next(), picture.image, {.metadata = metadata(picture.index)},
                  IfExists::kRefuse);
    pictures.push_back(std::move(picture.image));
  };
  model.draw(request, hooks);

  const Image grid = make_grid(pictures, options.n_samples);
  write_picture(grid_path(outdir, options.prompt), grid, {.metadata = metadata(-1)},
                IfExists::kRefuse);
  progress.clear();
  show_picture(console, grid);
  Settings settings = settings_for(request, model.info().name, options.model);
  add_txt2img_run(settings, run);
  print_line("seed " + std::to_string(request.seed) +
             "; again: " + redraw_command(context.program, settings, &options.model));
  // The original's last words, letter for letter: old scripts may wait for them.
  print_line("Your samples are ready and waiting four you here: \n" + options.outdir + " \nEnjoy.");
}

}  // namespace

Action add_txt2img(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("--prompt", options->prompt, "The prompt to render")
      ->type_name("TEXT")
      ->capture_default_str();
  app.add_option("--outdir", options->outdir, "Where to write")
      ->type_name("DIR")
      ->capture_default_str();
  app.add_option("--ddim_steps", options->ddim_steps, "Number of sampling steps")
      ->check(whole_number(1))
      ->type_name("N")
      ->capture_default_str();
  app.add_flag("--plms", options->plms, "Use PLMS sampling");
  app.add_option("--ddim_eta", options->ddim_eta, "DDIM's eta; 0 is deterministic sampling")
      ->check(real_number(0, 1))
      ->type_name("X")
      ->default_str("0.0");
  app.add_option("--n_iter", options->n_iter, "Sample this often")
      ->check(whole_number(1, 10'000))
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--H", options->height, "Picture height, in pixels")
      ->check(whole_number(1))
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--W", options->width, "Picture width, in pixels")
      ->check(whole_number(1))
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--n_samples", options->n_samples, "How many samples to draw at once")
      ->check(whole_number(1, 1'000))
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--scale", options->scale,
                 "Guidance: eps = eps(empty) + scale * (eps(prompt) - eps(empty))")
      ->check(real_number(-1000, 1000))
      ->type_name("X")
      ->default_str("5.0");
  const char* group = "Beyond the original";
  app.add_option("--seed", options->seed,
                 "As torch.manual_seed just before the first batch [random; always printed]")
      ->check(seed_number())
      ->type_name("N")
      ->group(group);
  app.add_option("--ckpt", options->model.model,
                 std::string("The checkpoint [") + kOriginalCheckpoint +
                     " if there, else the installed one]")
      ->type_name("MODEL")
      ->group(group);
  app.add_option("--config", options->model.config, "Its configuration")
      ->type_name("FILE")
      ->group(group);
  app.add_option("--vocab", options->model.vocab, "Its vocab.txt")->type_name("FILE")->group(group);
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
