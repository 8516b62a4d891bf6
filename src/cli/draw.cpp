#include <CLI/App.hpp>
#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "cli/approximations.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/draw_progress.h"
#include "cli/live_preview.h"
#include "cli/model_options.h"
#include "cli/option_checks.h"
#include "cli/output_path.h"
#include "cli/places.h"
#include "cli/progress.h"
#include "cli/prompts.h"
#include "cli/redraw.h"
#include "cli/safe_print.h"
#include "cli/upscaler_choice.h"
#include "cli/verbatim.h"
#include "core/error.h"
#include "core/json.h"
#include "core/units.h"
#include "diffusion/samplers.h"
#include "image/grid.h"

namespace easel::cli {
namespace {

struct Options {
  std::vector<std::string> words;
  std::string from_file;
  DrawRequest request;
  ApproximationOptions approximations;
  std::optional<std::uint64_t> seed;
  std::optional<int> count;
  std::string grid;
  std::optional<double> upscale;
  std::string output;
  std::string preview;
  bool force = false;
  bool json = false;
  bool quiet = false;
  bool no_show = false;
  ModelOptions model;
};

// Draws the prompts of one command, one after another.
class DrawCommand {
 public:
  DrawCommand(const Options& options, const Context& context)
      : options_(options),
        context_(context),
        console_(detect_console()),
        progress_(console_, options.quiet) {
    if (!options.grid.empty()) {
      grid_ = parse_grid(options.grid);
      if (!grid_)
        fail(ErrorCode::kUsage, "--grid wants COLUMNSxROWS, each from 1 to 64, not '{}'",
             options.grid);
      if (options.count && *options.count != grid_->columns * grid_->rows)
        fail(ErrorCode::kUsage, "--grid {} is {} pictures, --count says {}: leave --count out",
             options.grid, grid_->columns * grid_->rows, *options.count);
    }
    if (!options.output.empty() && !options.output.ends_with('/') &&
        !std::filesystem::is_directory(options.output))
      format_for(options.output);  // before anything is read
    if (!options.upscale && !options.model.upscaler.empty())
      fail(ErrorCode::kUsage, "--upscaler says with what, --upscale how much: give both");
    prompts_ =
        read_prompts(options.words, options.from_file,
                     options.request.allow_empty ? BlankLines::kKeep : BlankLines::kPassOver);
  }

  void run() {
    progress_.status("reading the model");
    TextToImageOptions engine = engine_options(options_.model);
    engine.keep_text_encoder = prompts_.size() > 1;
    const Places places = find_places();
    TextToImage model(location_of(options_.model, places, context_.program), engine);
    for (const std::string& note : model.info().notes) progress_.note("easel: " + note);
    if (options_.upscale)
      enlarger_.emplace(DrawnEnlarger::Options{.wanted = options_.model.upscaler,
                                               .factor = *options_.upscale,
                                               .backend = engine.backend},
                        places, context_.program);

    OutputPlan output(
        {.output = options_.output.empty() ? std::nullopt : std::optional(options_.output),
         .count = files_wanted(),
         .force = options_.force});
    for (const Prompt& prompt : prompts_) draw_or_report(model, prompt, output);
    report_all(model);
  }

 private:
  int pictures_a_prompt() const {
    return grid_ ? grid_->columns * grid_->rows : options_.count.value_or(1);
  }
  int files_wanted() const {
    return static_cast<int>(prompts_.size()) * (grid_ ? 1 : pictures_a_prompt());
  }

  // One bad line of a file does not take the others with it.
  void draw_or_report(TextToImage& model, const Prompt& prompt, OutputPlan& output) {
    if (options_.from_file.empty()) return draw(model, prompt, output);
    try {
      draw(model, prompt, output);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kCancelled || error.code() == ErrorCode::kNoSpace) throw;
      progress_.clear();
      print_error_line(
          fmt::format("easel: {}, line {}: {}", options_.from_file, prompt.line, error.what()));
      failures_.push_back({{"line", prompt.line}, {"error", error.what()}});
    }
  }

  void draw(TextToImage& model, const Prompt& prompt, OutputPlan& output) {
    check_prompt(prompt.text);
    if (is_blank(prompt.text) && !options_.request.allow_empty)
      fail(ErrorCode::kUsage, "the prompt is empty; --allow-empty draws without words");
    DrawRequest request = options_.request;
    request.prompt = prompt.text;
    request.seed = options_.seed ? *options_.seed : random_seed();
    request.count = pictures_a_prompt();
    request = model.checked(request);
    output.check();

    DrawProgress steps(progress_);
    std::optional<LivePreview> preview;
    if (!options_.preview.empty()) start_preview(preview, model, prompt, output);
    std::vector<Image> cells;
    DrawHooks hooks;
    hooks.cancel = &context_.cancel;
    hooks.on_note = [&](const std::string& note) { progress_.note("easel: " + note); };
    double computed = 1;
    hooks.on_step = [&](const DrawStep& step) {
      computed = step.computed;
      steps.on_step(step);
      if (preview) preview->show(step);
    };
    hooks.on_picture = [&](DrawnPicture picture) {
      if (preview) preview->wipe();
      if (enlarger_) {
        progress_.status("enlarging");
        picture.image = enlarger_->run(picture.image, context_.cancel);
      }
      if (grid_) return cells.push_back(std::move(picture.image));
      DrawRequest one = request;
      one.seed = picture.seed;
      const Settings settings = settings_of(one, model);
      keep(output, picture.image, settings, steps.seconds_of_picture());
    };
    progress_.status("reading the model");
    model.draw(request, hooks);
    if (grid_) {
      Settings settings = settings_of(request, model);
      add_grid(settings, *grid_);
      keep(output, make_grid(cells, grid_->columns), settings, steps.seconds());
    }
    const std::string price = price_of(request, computed);
    if (!price.empty()) progress_.note("easel: " + price);
    progress_.restart();
  }

  void start_preview(std::optional<LivePreview>& preview, TextToImage& model, const Prompt& prompt,
                     const OutputPlan& output) const {
    const auto name = [&output, text = prompt.text] { return output.preview_name(text); };
    name();  // refused before anything is drawn
    preview.emplace(model, LivePreview::Spec{.kind = options_.preview,
                                             .console = console_,
                                             .on_terminal = !options_.quiet && !options_.json &&
                                                            !options_.no_show,
                                             .file = name});
  }

  Settings settings_of(const DrawRequest& request, const TextToImage& model) const {
    Settings settings = settings_for(request, model.info().name, options_.model);
    if (enlarger_)
      add_upscale(settings, {.factor = enlarger_->factor(), .upscaler = enlarger_->name()});
    return settings;
  }

  // Writes a picture and says so.
  void keep(OutputPlan& output, const Image& image, const Settings& settings, double seconds) {
    const auto path = output.write(image, {.metadata = metadata_of(settings)}, settings.prompt);
    const std::string again = redraw_command(context_.program, settings, &options_.model);
    if (options_.json) {
      pictures_.push_back({{"path", path.string()},
                           {"prompt", settings.prompt},
                           {"seed", *settings.seed},
                           {"seconds", seconds},
                           {"width", image.width()},
                           {"height", image.height()},
                           {"command", again}});
      return;
    }
    if (options_.quiet) return;
    progress_.clear();
    if (!options_.no_show) show_picture(console_, image);
    print_line(
        fmt::format("{}  seed {}, {}", path.string(), *settings.seed, human_seconds(seconds)));
    print_line("  again: " + again);
  }

  void report_all(const TextToImage& model) {
    progress_.clear();
    if (options_.json) {
      const Json result = {{"model", model.info().name},
                           {"backend", model.backend().name()},
                           {"target", model.backend().target()},
                           {"pictures", pictures_},
                           {"failed", failures_}};
      // Invalid UTF-8 in a path is replaced rather than thrown on.
      print_json(result);
    }
    if (!failures_.empty())
      fail(ErrorCode::kIo, "{} of {} prompts could not be drawn", failures_.size(),
           prompts_.size());
  }

  const Options& options_;
  const Context& context_;
  const Console console_;
  Progress progress_;
  std::optional<GridSize> grid_;
  std::optional<DrawnEnlarger> enlarger_;
  std::vector<Prompt> prompts_;
  Json pictures_ = Json::array();
  Json failures_ = Json::array();
};

std::string sampler_list() {
  std::string list = "Samplers:\n";
  for (const Sampler& sampler : samplers())
    list += fmt::format("  {:<18} {}\n", sampler.id, sampler.description);
  return list;
}

void add_picture_options(CLI::App& app, Options& options) {
  const char* group = "Picture";
  DrawRequest& request = options.request;
  app.add_option("--negative", request.negative, "What should not be in it")
      ->type_name("TEXT")
      ->group(group);
  app.add_option("--steps", request.steps,
                 "Denoising steps: more take longer, 10 to 50 are usual [the model's, else 25]")
      ->check(whole_number(1))
      ->type_name("N")
      ->group(group);
  app.add_option("--sampler", request.sampler,
                 "How the steps are taken; see below [the model's, else dpmpp-2m]")
      ->type_name("NAME")
      ->group(group);
  app.add_option(
         "--scale,--cfg-scale", request.scale,
         "Guidance: how closely to follow the words; 1 is not at all [the model's, else 7.5]")
      ->check(real_number(-1000, 1000))
      ->type_name("X")
      ->group(group);
  app.add_option("--eta", request.eta, "Noise that DDIM adds in each step, 0 to 1 [0]")
      ->check(real_number(0, 1))
      ->type_name("X")
      ->group(group);
  app.add_option("-s,--seed", options.seed, "Same seed, same picture [random; always printed]")
      ->check(seed_number())
      ->type_name("N")
      ->group(group);
  app.add_option("--rng", request.rng,
                 "The random numbers' generator: torch-cpu, as PyTorch's [torch-cpu]")
      ->check(CLI::IsMember({"torch-cpu"}).description(""))
      ->type_name("NAME")
      ->group(group);
  app.add_option("-W,--width", request.width, "Pixels [the model's own size]")
      ->check(whole_number(1))
      ->type_name("N")
      ->group(group);
  app.add_option("-H,--height", request.height, "Pixels [the model's own size]")
      ->check(whole_number(1))
      ->type_name("N")
      ->group(group);
  app.add_flag("--allow-empty", request.allow_empty,
               "Draw an empty prompt: whatever the model likes")
      ->group(group);
}

void add_output_options(CLI::App& app, Options& options) {
  const char* group = "Output";
  app.add_option("--count", options.count, "Pictures of each prompt, seeds counting up [1]")
      ->check(whole_number(1, 10'000))
      ->type_name("N")
      ->group(group);
  app.add_option("--grid", options.grid, "Draw COLUMNS x ROWS pictures into one file")
      ->type_name("COLUMNSxROWS")
      ->group(group);
  app.add_option("--upscale", options.upscale, "Enlarge every picture so many times [not at all]")
      ->check(real_number(0.01, 16))
      ->type_name("X")
      ->group(group);
  app.add_option("--upscaler", options.model.upscaler,
                 "With what: an ESRGAN file, an installed name, or lanczos [Easel's own]")
      ->type_name("MODEL")
      ->group(group);
  app.add_option("-o,--output", options.output,
                 "A file (.png, .jpg, .webp), or a folder with '/' [outputs/NNNN-words.png]")
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
  app.add_flag("--no-show", options.no_show, "Do not show the picture in the terminal")
      ->group(group);
}

}  // namespace

Action add_draw(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option(
         "PROMPT", options->words,
         "What to draw. Quoted prompts are drawn one after another; words without quotes are "
         "one prompt")
      ->type_name("");
  add_picture_options(app, *options);
  add_approximation_options(app, options->approximations);
  add_output_options(app, *options);
  add_model_options(app, options->model);
  refuse_short_n(app);
  app.footer(sampler_list() +
             "\nExamples:\n"
             "  easel draw \"a cat wearing sunglasses, in the style of Van Gogh\"\n"
             "  easel draw \"a robot\" --grid 4x4 --seed 1 -o robots.png\n"
             "  easel draw \"a ship at sea\" -m ldm-text2img-large --precision fp16");
  return [options](const Context& context) {
    Options given = *options;
    given.words = without_marks(std::move(given.words));
    apply(given.approximations, given.request);
    DrawCommand(given, context).run();
  };
}

}  // namespace easel::cli
