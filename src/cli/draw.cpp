#include <CLI/App.hpp>
#include <algorithm>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "cli/approximations.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/draw_options.h"
#include "cli/draw_progress.h"
#include "cli/draw_report.h"
#include "cli/enlargers.h"
#include "cli/given_pictures.h"
#include "cli/interrupt.h"
#include "cli/latents_file.h"
#include "cli/live_preview.h"
#include "cli/model_options.h"
#include "cli/output_path.h"
#include "cli/picture_tasks.h"
#include "cli/places.h"
#include "cli/progress.h"
#include "cli/prompted_model.h"
#include "cli/prompts.h"
#include "cli/verbatim.h"
#include "core/error.h"
#include "core/json.h"
#include "image/grid.h"
#include "pipeline/drawing/editing_check.h"
#include "recipe/values.h"

namespace easel::cli {
namespace {

// Draws the prompts of one command, one after another.
class DrawCommand {
 public:
  DrawCommand(const DrawCommandOptions& options, const Context& context)
      : options_(options),
        context_(context),
        console_(detect_console()),
        progress_(console_, options.quiet),
        to_stream_(options.output == kStandardStream),
        grid_(options.recipe.grid),
        recipe_(options.recipe),
        places_(find_places()),
        prompts_(prompts_to_draw()),
        runs_wanted_(prompts_.size() *
                     static_cast<std::size_t>(pictures_a_prompt() / pictures_a_run())),
        lists_(wildcard_folder(options.wildcards_folder, places_)),
        models_({.places = places_,
                 .program = context.program,
                 .keep_networks = runs_wanted_ > 1 || options.forever,
                 .on_note = [this](const std::string& note) { say(note); }}),
        enlargers_({.backend = engine_options(options.model).backend,
                    .places = places_,
                    .program = context.program,
                    .cancel = context.cancel}),
        report_(
            {.options = options, .context = context, .console = console_, .progress = progress_}) {
    if (!options.latents.file.empty() && prompts_.size() > 1)
      fail(ErrorCode::kUsage, "--save-latents keeps one prompt's latents, and {} were given",
           prompts_.size());
    if (to_stream_ && files_wanted() > 1)
      fail(ErrorCode::kUsage, "-o - takes one picture, and {} were asked for", files_wanted());
  }

  void run() {
    given_ = read_given(recipe_);
    progress_.status("reading the model");
    const DrawingModel& model = models_.open(options_.model, recipe_);
    report_.begin(model);
    if (!recipe_.templates.by_seed) say(note_of_choices(prompts_));
    if (given_) choose_size_by(given_->init.size(), model.info(), recipe_);
    enlargers_.open_for(recipe_, options_.model.upscaler);

    OutputPlan output({.output = options_.output.empty() || to_stream_
                                     ? std::nullopt
                                     : std::optional(options_.output),
                       .count = files_wanted(),
                       .force = options_.force,
                       .names = options_.names});
    try {
      do {
        draw_round(output);
      } while (options_.forever && !prompts_.empty());
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kCancelled || !(reached_ || options_.forever)) throw;
      report_.finish();
      throw FailedInPart(ErrorCode::kCancelled,
                         reached_ ? "stopped at " + text_of(*reached_) : "stopped");
    }
    report_.finish();
    if (report_.failures() > 0)
      throw FailedInPart(ErrorCode::kIo, fmt::format("{} of {} prompts could not be drawn",
                                                     report_.failures(), prompts_given_));
  }

 private:
  std::vector<Prompt> prompts_to_draw() const {
    check_together(options_, console_);
    return read_prompts(options_.words, options_.from_file,
                        options_.allow_empty ? BlankLines::kKeep : BlankLines::kPassOver);
  }

  // Those of one prompt go through the model together, but where each has words of its own.
  int pictures_a_run() const { return recipe_.templates.by_seed ? 1 : pictures_a_prompt(); }
  int pictures_a_prompt() const {
    return grid_ ? grid_->columns * grid_->rows : options_.count.value_or(1);
  }
  int files_wanted() const {
    return static_cast<int>(prompts_.size()) * (grid_ ? 1 : pictures_a_prompt());
  }

  // Each prompt once. One that could not be drawn is not tried again.
  void draw_round(OutputPlan& output) {
    std::vector<Prompt> drawn;
    for (const Prompt& prompt : prompts_)
      if (draw_or_report(prompt, output)) drawn.push_back(prompt);
    prompts_ = std::move(drawn);
    ++round_;
  }

  // One bad line of a file does not take the others with it.
  bool draw_or_report(const Prompt& prompt, OutputPlan& output) {
    try {
      draw(prompt, output);
      return true;
    } catch (const Error& error) {
      const bool ends_all = options_.from_file.empty() || error.code() == ErrorCode::kCancelled ||
                            error.code() == ErrorCode::kNoSpace;
      if (ends_all) throw;
      report_.failed(prompt, error);
      return false;
    }
  }

  // Of the first picture of a prompt in this round.
  Recipe recipe_of(const Prompt& prompt) const {
    check_prompt(prompt.text);
    if (is_blank(prompt.text) && !options_.allow_empty)
      fail(ErrorCode::kUsage, "the prompt is empty; --allow-empty draws without words");
    Recipe recipe = of_picture(recipe_, round_ * pictures_a_prompt());
    recipe.prompt = prompt.text;
    if (!recipe.seed.seed) recipe.seed.seed = random_seed();
    return recipe;
  }

  void draw(const Prompt& prompt, OutputPlan& output) {
    const Recipe recipe = recipe_of(prompt);
    for (int first = 0; first < pictures_a_prompt(); first += pictures_a_run())
      draw_run(of_picture(worded(recipe, first, lists_), first), output);
  }

  void draw_run(Recipe recipe, OutputPlan& output) {
    begin_run();
    DrawingModel& model = models_.open(options_.model, recipe);
    std::optional<GivenStart> start;
    if (!options_.latents.noise.empty())
      start.emplace(options_.latents.noise, model.info(), recipe);
    recipe = models_.completed(recipe);
    if (!to_stream_) output.check();
    if (start) start->check(recipe, pictures_a_run());

    DrawProgress steps(progress_, options_.forever ? which_ + ", Ctrl-C ends it" : which_);
    Json notes = Json::array();
    std::optional<LivePreview> preview;
    if (!options_.preview.empty()) start_preview(preview, model, recipe, output);
    std::vector<Image> cells;
    DrawHooks hooks;
    const KeepOnInterrupt interrupt;
    hooks.cancel = &context_.cancel;
    hooks.enough = &interrupt.enough();
    hooks.on_note = [&](const std::string& note) { notes.push_back(tell(note)); };
    give_pictures(recipe, hooks);
    if (start) hooks.start_noise = std::ref(*start);
    std::optional<LatentsFile> latents;
    if (!options_.latents.file.empty()) latents.emplace(options_.latents, model.info());
    if (latents) hooks.on_noise = [&](const DrawStep& step) { latents->begin(step); };
    double computed = 1;
    hooks.on_step = [&](const DrawStep& step) {
      computed = step.computed;
      steps.on_step(step);
      if (latents) latents->add(step);
      if (preview) preview->show(step);
    };
    hooks.on_picture = [&](DrawnPicture picture) {
      if (preview) preview->wipe();
      if (latents) latents->add(picture);
      enlarge(picture.image, recipe);
      reached_ = picture.unfinished;
      if (grid_) return cells.push_back(std::move(picture.image));
      report_.keep(output, picture.image, recipe_of_drawn(recipe, picture),
                   {steps.seconds_of_picture(), notes});
    };
    progress_.status("reading the model");
    const auto stopped = stopped_in([&] {
      model.draw(recipe, {.count = pictures_a_run(), .keep_latents = latents.has_value()}, hooks);
    });
    recipe.unfinished = reached_;
    if (latents && !stopped) latents->write(recipe, options_.force);
    if (grid_)
      report_.keep(output, make_grid(cells, grid_->columns), recipe, {steps.seconds(), notes});
    if (stopped) std::rethrow_exception(stopped);
    say(price_of(recipe, computed));
    progress_.restart();
  }

  // What ended the drawing where pictures are kept as far as they are; throws what else does.
  std::exception_ptr stopped_in(const std::function<void()>& drawing) const {
    try {
      drawing();
      return nullptr;
    } catch (const Error&) {
      if (!reached_) throw;
      return std::current_exception();
    }
  }

  void say(const std::string& note) {
    if (!note.empty()) progress_.note("easel: " + note);
  }

  std::string tell(const std::string& note) {
    say((which_.empty() ? "" : "prompt " + which_ + ": ") + note);
    return note;
  }

  // Which run of how many it is, for people; nothing where there is one.
  void begin_run() {
    ++begun_;
    if (options_.forever) {
      which_ = std::to_string(begun_);
    } else if (runs_wanted_ > 1) {
      which_ = fmt::format("{} of {}", begun_, runs_wanted_);
    }
  }

  // What a run begins at, and what enlarges it between two passes.
  void give_pictures(const Recipe& recipe, DrawHooks& hooks) {
    if (given_) hooks.given = &*given_;
    enlargers_.help(recipe, hooks);
  }

  void enlarge(Image& image, const Recipe& recipe) {
    if (recipe.enlarging.factor) progress_.status("enlarging");
    image = enlargers_.enlarged(std::move(image), recipe, options_.model.upscaler);
  }

  void start_preview(std::optional<LivePreview>& preview, DrawingModel& model, const Recipe& recipe,
                     const OutputPlan& output) const {
    const auto name = [&output, &recipe] { return output.preview_name(recipe); };
    name();  // refused before anything is drawn
    preview.emplace(model, LivePreview::Spec{.kind = options_.preview,
                                             .console = console_,
                                             .on_terminal = !options_.quiet && !options_.json &&
                                                            !options_.no_show,
                                             .file = name});
  }

  const DrawCommandOptions& options_;
  const Context& context_;
  const Console console_;
  Progress progress_;
  const bool to_stream_;
  const std::optional<GridSize> grid_;
  Recipe recipe_;  // the options', of no prompt yet
  const Places places_;
  std::vector<Prompt> prompts_;  // those that can be drawn, as far as is known
  const std::size_t prompts_given_ = prompts_.size();
  const std::size_t runs_wanted_;  // in a round
  WildcardFolder lists_;
  PromptedModel models_;
  Enlargers enlargers_;
  DrawReport report_;
  std::optional<GivenPixels> given_;
  int round_ = 0;                   // of all prompts, with --forever
  std::size_t begun_ = 0;           // runs
  std::string which_;               // of them the run is, for people
  std::optional<Reached> reached_;  // where Ctrl-C ended a run whose pictures were kept
};

}  // namespace

Action add_draw(CLI::App& app) {
  const auto options = std::make_shared<DrawCommandOptions>();
  add_draw_command_options(app, *options);
  return [options](const Context& context) {
    DrawCommandOptions given = *options;
    given.words = without_marks(std::move(given.words));
    given.names = without_marks({given.names}).front();
    if (given.words.empty() && given.from_file.empty() && has_piped_input()) given.from_file = "-";
    DrawCommand(given, context).run();
  };
}

}  // namespace easel::cli
