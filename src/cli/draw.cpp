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
#include "cli/lora_options.h"
#include "cli/model_options.h"
#include "cli/option_checks.h"
#include "cli/output_path.h"
#include "cli/places.h"
#include "cli/progress.h"
#include "cli/prompts.h"
#include "cli/recipe_options.h"
#include "cli/safe_print.h"
#include "cli/upscaler_choice.h"
#include "cli/verbatim.h"
#include "core/error.h"
#include "core/json.h"
#include "core/units.h"
#include "diffusion/samplers.h"
#include "image/grid.h"
#include "pipeline/families.h"
#include "recipe/forms.h"
#include "recipe/values.h"

namespace easel::cli {
namespace {

struct Options {
  std::vector<std::string> words;
  std::string from_file;
  Recipe recipe;
  bool allow_empty = false;
  std::optional<int> count;
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
        progress_(console_, options.quiet),
        grid_(options.recipe.grid) {
    if (grid_ && options.count && *options.count != grid_->columns * grid_->rows)
      fail(ErrorCode::kUsage, "--grid {} is {} pictures, --count says {}: leave --count out",
           text_of(*grid_), grid_->columns * grid_->rows, *options.count);
    if (!options.output.empty() && !options.output.ends_with('/') &&
        !std::filesystem::is_directory(options.output))
      format_for(options.output);  // before anything is read
    if (!options.recipe.enlarging.factor && !options.model.upscaler.empty())
      fail(ErrorCode::kUsage, "--upscaler says with what, --upscale how much: give both");
    prompts_ = read_prompts(options.words, options.from_file,
                            options.allow_empty ? BlankLines::kKeep : BlankLines::kPassOver);
  }

  void run() {
    progress_.status("reading the model");
    DrawingOptions engine = engine_options(options_.model);
    engine.keep_text_encoder = prompts_.size() > 1;
    const Places places = find_places();
    const auto opened = open_model(engine, places);
    DrawingModel& model = *opened;
    for (const std::string& note : model.info().notes) progress_.note("easel: " + note);
    open_enlargers(engine.backend, places);

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

  // LoRAs that prompts ask for change the model as it is opened.
  std::unique_ptr<DrawingModel> open_model(const DrawingOptions& engine,
                                           const Places& places) const {
    ModelLocation location = location_of(options_.model, places, context_.program);
    auto model = open_drawing_model(location, engine);
    const bool plain = diffusion_of(options_.recipe).reading.syntax == "plain";
    if (plain || !model->info().reads_signs) return model;
    const std::vector<LoraFile> asked = loras_of_prompts(places);
    if (asked.empty()) return model;
    location.loras.insert(location.loras.end(), asked.begin(), asked.end());
    return open_drawing_model(location, engine);
  }

  // All prompts of a command ask for the same.
  std::vector<LoraFile> loras_of_prompts(const Places& places) const {
    if (prompts_.empty()) return {};
    std::vector<LoraFile> first = loras_in(prompts_.front().text, places);
    for (const Prompt& prompt : prompts_) {
      if (loras_in(prompt.text, places) == first) continue;
      fail(ErrorCode::kUsage, "the prompts ask for different LoRAs: draw them one command each");
    }
    return first;
  }

  // One bad line of a file does not take the others with it.
  void draw_or_report(DrawingModel& model, const Prompt& prompt, OutputPlan& output) {
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

  void draw(DrawingModel& model, const Prompt& prompt, OutputPlan& output) {
    check_prompt(prompt.text);
    if (is_blank(prompt.text) && !options_.allow_empty)
      fail(ErrorCode::kUsage, "the prompt is empty; --allow-empty draws without words");
    Recipe recipe = options_.recipe;
    recipe.prompt = prompt.text;
    if (!recipe.seed.seed) recipe.seed.seed = random_seed();
    recipe = told(model.completed(recipe), model);
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
      enlarge(picture.image);
      if (grid_) return cells.push_back(std::move(picture.image));
      keep(output, picture.image, of_picture(recipe, picture.index), steps.seconds_of_picture());
    };
    progress_.status("reading the model");
    model.draw(recipe, {.count = pictures_a_prompt()}, hooks);
    if (grid_) keep(output, make_grid(cells, grid_->columns), recipe, steps.seconds());
    const std::string price = price_of(recipe, computed);
    if (!price.empty()) progress_.note("easel: " + price);
    progress_.restart();
  }

  void start_preview(std::optional<LivePreview>& preview, DrawingModel& model, const Prompt& prompt,
                     const OutputPlan& output) const {
    const auto name = [&output, text = prompt.text] { return output.preview_name(text); };
    name();  // refused before anything is drawn
    preview.emplace(model, LivePreview::Spec{.kind = options_.preview,
                                             .console = console_,
                                             .on_terminal = !options_.quiet && !options_.json &&
                                                            !options_.no_show,
                                             .file = name});
  }

  void open_enlargers(const BackendOptions& backend, const Places& places) {
    const auto open = [&](const std::string& wanted) {
      return open_enlarger(wanted, backend, places, context_.program);
    };
    const Recipe& recipe = options_.recipe;
    if (recipe.enlarging.factor) enlarger_ = open(options_.model.upscaler);
    for (const Enlarging& again : recipe.enlarged_again) {
      const bool shipped = again.upscaler == fields::kUpscaler.usual;
      again_.push_back(open(shipped ? "" : again.upscaler));
    }
  }

  // With what is not the model's to decide.
  Recipe told(Recipe recipe, const DrawingModel& model) const {
    recipe.model.name = model.info().name;
    recipe.model.loras = fmt::format("{}", fmt::join(options_.model.loras, ","));
    recipe.arithmetic = model.arithmetic();
    if (enlarger_) recipe.enlarging.upscaler = enlarger_->name;
    return recipe;
  }

  void enlarge(Image& image) {
    const Recipe& recipe = options_.recipe;
    if (enlarger_) progress_.status("enlarging");
    image = finished(image, recipe.enlarging, enlarger_ ? &*enlarger_ : nullptr, &context_.cancel);
    for (std::size_t i = 0; i < again_.size(); ++i) {
      image = finished(image, recipe.enlarged_again[i], &again_[i], &context_.cancel);
    }
  }

  // Writes a picture and says so.
  void keep(OutputPlan& output, const Image& image, const Recipe& recipe, double seconds) {
    const auto path =
        output.write(image, {.metadata = metadata_of(by_easel(recipe))}, recipe.prompt);
    const std::string again = command_again(recipe, options_.model, context_.program);
    if (options_.json) {
      pictures_.push_back({{"path", path.string()},
                           {"prompt", recipe.prompt},
                           {"seed", *recipe.seed.seed},
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
        fmt::format("{}  seed {}, {}", path.string(), *recipe.seed.seed, human_seconds(seconds)));
    print_line("  again: " + again);
  }

  void report_all(const DrawingModel& model) {
    progress_.clear();
    if (options_.json) {
      const Json result = {{"model", model.info().name},
                           {"backend", model.arithmetic().backend},
                           {"target", model.arithmetic().target},
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
  const std::optional<GridSize> grid_;
  std::optional<Enlarger> enlarger_;
  std::vector<Enlarger> again_;
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

void add_output_options(CLI::App& app, Options& options) {
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
  add_recipe_options(app, options->recipe, {.group = kPictureGroup});
  app.add_flag("--allow-empty", options->allow_empty,
               "Draw an empty prompt: whatever the model likes")
      ->group(std::string(kPictureGroup));
  add_recipe_options(app, options->recipe, {.group = kSpeedGroup});
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
    DrawCommand(given, context).run();
  };
}

}  // namespace easel::cli
