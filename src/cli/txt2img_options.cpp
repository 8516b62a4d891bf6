#include "cli/txt2img_options.h"

#include "cli/option_checks.h"

namespace easel::cli {
namespace {

// Names, defaults and texts are those of latent-diffusion's scripts/txt2img.py.
void set_original_defaults(Txt2imgOptions& options) {
  options.recipe.prompt = "a painting of a virus monster playing guitar";
  options.recipe.size = {.width = kOriginalSide, .height = kOriginalSide};
  options.recipe.method = Diffusion{.steps = 200, .scale = kOriginalScale, .eta = 0.0};
  options.run = {.iterations = 1, .samples = 4};
  options.outdir = "outputs/txt2img-samples";
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
  app.add_option("--ddim_steps,--steps", diffusion.steps, "Number of sampling steps")
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
      ->check(real_number(-100, 100))
      ->type_name("X")
      ->default_str("5.0");
}

void add_later_options(CLI::App& app, Txt2imgOptions& options) {
  const char* group = "Of Stable Diffusion's scripts";
  app.add_flag("--dpm_solver", options.dpm_solver, "Use DPM-Solver++ 2M, its authors' steps")
      ->group(group);
  app.add_flag("--fixed_code", options.run.fixed_start, "Begin every batch with the same noise")
      ->group(group);
  app.add_option("--from-file", options.from_file,
                 "Render the prompts of a file, one a line, --n_samples of them at once")
      ->type_name("FILE")
      ->group(group);
  add_script_options(app, options.script, group);
  app.add_flag("--laion400m", options.laion400m,
               "Draw with latent-diffusion's own model, into outputs/txt2img-samples-laion400m")
      ->group(group);
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

void add_txt2img_options(CLI::App& app, Txt2imgOptions& options) {
  set_original_defaults(options);
  add_original_options(app, options);
  add_later_options(app, options);
  add_own_options(app, options);
}

}  // namespace easel::cli
