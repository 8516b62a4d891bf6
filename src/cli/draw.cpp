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
#include "cli/given_pictures.h"
#include "cli/interrupt.h"
#include "cli/latents_file.h"
#include "cli/live_preview.h"
#include "cli/lora_options.h"
#include "cli/model_options.h"
#include "cli/output_path.h"
#include "cli/picture_tasks.h"
#include "cli/places.h"
#include "cli/progress.h"
#include "cli/prompts.h"
#include "cli/safe_print.h"
#include "cli/upscaler_choice.h"
#include "cli/verbatim.h"
#include "core/error.h"
#include "core/json.h"
#include "core/units.h"
#include "image/grid.h"
#include "pipeline/drawing/editing_check.h"
#include "pipeline/editing/latent_resize.h"
#include "pipeline/families.h"
#include "recipe/fields.h"
#include "recipe/forms.h"
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
        recipe_(options.recipe) {
    if (grid_ && options.count && *options.count != grid_->columns * grid_->rows)
      fail(ErrorCode::kUsage, "--grid {} is {} pictures, --count says {}: leave --count out",
           text_of(*grid_), grid_->columns * grid_->rows, *options.count);
    if (to_stream_) {
      check_stream();
    } else if (!options.output.empty() && !options.output.ends_with('/') &&
               !std::filesystem::is_directory(options.output)) {
      format_for(options.output);  // before anything is read
    }
    if (diffusion_of(recipe_).second_pass.scale && !options.latents.file.empty())
      fail(ErrorCode::kUsage, "--save-latents keeps latents of one size: leave --hires out");
    if (!options.recipe.enlarging.factor && !options.model.upscaler.empty())
      fail(ErrorCode::kUsage, "--upscaler says with what, --upscale how much: give both");
    prompts_ = read_prompts(options.words, options.from_file,
                            options.allow_empty ? BlankLines::kKeep : BlankLines::kPassOver);
    if (!options.latents.file.empty() && prompts_.size() > 1)
      fail(ErrorCode::kUsage, "--save-latents keeps one prompt's latents, and {} were given",
           prompts_.size());
    if (to_stream_ && files_wanted() > 1)
      fail(ErrorCode::kUsage, "-o - takes one picture, and {} were asked for", files_wanted());
  }

  void run() {
    given_ = read_given(recipe_);
    progress_.status("reading the model");
    DrawingOptions engine = engine_options(options_.model);
    engine.keep_text_encoder = prompts_.size() > 1;
    const Places places = find_places();
    const auto opened = open_model(engine, places);
    DrawingModel& model = *opened;
    for (const std::string& note : model.info().notes) progress_.note("easel: " + note);
    if (given_) choose_size_by(given_->init.size(), model.info(), recipe_);
    open_enlargers(engine.backend, places);

    OutputPlan output({.output = options_.output.empty() || to_stream_
                                     ? std::nullopt
                                     : std::optional(options_.output),
                       .count = files_wanted(),
                       .force = options_.force});
    try {
      for (const Prompt& prompt : prompts_) draw_or_report(model, prompt, output);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kCancelled || !reached_) throw;
      report_all(model);
      throw FailedInPart(ErrorCode::kCancelled, "stopped at " + text_of(*reached_));
    }
    report_all(model);
    if (!failures_.empty())
      throw FailedInPart(ErrorCode::kIo, fmt::format("{} of {} prompts could not be drawn",
                                                     failures_.size(), prompts_.size()));
  }

 private:
  void check_stream() const {
    if (options_.json)
      fail(ErrorCode::kUsage, "--json and -o - would both write to standard output");
    if (!options_.preview.empty())
      fail(ErrorCode::kUsage, "a preview lies beside the output, and -o - has no place");
    if (console_.out_is_terminal)
      fail(ErrorCode::kUsage, "-o - writes a picture, and standard output is a terminal");
  }

  // Which prompt of the file it is, for people and in messages; empty where there is one.
  std::string place_of(const Prompt& prompt) const {
    if (prompts_.size() < 2) return "";
    return fmt::format("{} of {}", &prompt - prompts_.data() + 1, prompts_.size());
  }

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

  Recipe recipe_of(const Prompt& prompt) const {
    check_prompt(prompt.text);
    if (is_blank(prompt.text) && !options_.allow_empty)
      fail(ErrorCode::kUsage, "the prompt is empty; --allow-empty draws without words");
    Recipe recipe = recipe_;
    recipe.prompt = prompt.text;
    if (!recipe.seed.seed) recipe.seed.seed = random_seed();
    return recipe;
  }

  void draw(DrawingModel& model, const Prompt& prompt, OutputPlan& output) {
    Recipe recipe = recipe_of(prompt);
    std::optional<GivenStart> start;
    if (!options_.latents.noise.empty())
      start.emplace(options_.latents.noise, model.info(), recipe);
    recipe = told(model.completed(recipe), model);
    if (!to_stream_) output.check();
    if (start) start->check(recipe, pictures_a_prompt());

    DrawProgress steps(progress_, place_of(prompt));
    Json notes = Json::array();
    std::optional<LivePreview> preview;
    if (!options_.preview.empty()) start_preview(preview, model, prompt, output);
    std::vector<Image> cells;
    DrawHooks hooks;
    const KeepOnInterrupt interrupt;
    hooks.cancel = &context_.cancel;
    hooks.enough = &interrupt.enough();
    hooks.on_note = [&](const std::string& note) {
      tell(note, prompt);
      notes.push_back(note);
    };
    give_pictures(hooks);
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
      enlarge(picture.image);
      reached_ = picture.unfinished;
      if (grid_) return cells.push_back(std::move(picture.image));
      Recipe one = of_picture(recipe, picture.index);
      one.unfinished = reached_;
      keep(output, picture.image, one, {steps.seconds_of_picture(), notes});
    };
    progress_.status("reading the model");
    const auto stopped = stopped_in([&] {
      model.draw(recipe, {.count = pictures_a_prompt(), .keep_latents = latents.has_value()},
                 hooks);
    });
    recipe.unfinished = reached_;
    if (latents && !stopped) latents->write(recipe, options_.force);
    if (grid_) keep(output, make_grid(cells, grid_->columns), recipe, {steps.seconds(), notes});
    if (stopped) std::rethrow_exception(stopped);
    tell_price(price_of(recipe, computed));
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

  void tell_price(const std::string& price) {
    if (!price.empty()) progress_.note("easel: " + price);
    progress_.restart();
  }

  void tell(const std::string& note, const Prompt& prompt) {
    const std::string place = place_of(prompt);
    progress_.note("easel: " + (place.empty() ? "" : "prompt " + place + ": ") + note);
  }

  // What a run begins at, and what enlarges it between two passes.
  void give_pictures(DrawHooks& hooks) {
    if (given_) hooks.given = &*given_;
    if (!between_passes_) return;
    hooks.enlarge = [this](const Image& image, Image::Size size) {
      return finished(image, {.factor = diffusion_of(recipe_).second_pass.scale, .result = size},
                      &*between_passes_, &context_.cancel);
    };
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
    const SecondPass& second = diffusion_of(recipe).second_pass;
    if (second.scale && !enlarges_by_itself(second.upscaler))
      between_passes_ = open(second.upscaler);
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

  struct Told {
    double seconds = 0;
    Json notes;
  };

  // Writes a picture and says so.
  void keep(OutputPlan& output, const Image& image, const Recipe& recipe, const Told& told) {
    const double seconds = told.seconds;
    const EncodeOptions how{.metadata = metadata_of(by_easel(recipe))};
    const std::string again =
        command_again(recipe, options_.model, context_.program, again_options(options_.latents));
    if (to_stream_) {
      progress_.clear();
      write_standard_output(encode_picture(image, ImageFormat::kPng, how));
      return progress_.note(facts_of(recipe, seconds) + again_line(recipe, again));
    }
    const auto path = output.write(image, how, recipe.prompt);
    if (options_.json) {
      pictures_.push_back({{"path", path.string()},
                           {"prompt", recipe.prompt},
                           {"seed", *recipe.seed.seed},
                           {"seconds", seconds},
                           {"width", image.width()},
                           {"height", image.height()},
                           {"unfinished", easel::json_of(recipe.unfinished)},
                           {"notes", told.notes},
                           {"command", again}});
      return;
    }
    if (options_.quiet) return;
    progress_.clear();
    if (!options_.no_show) show_picture(console_, image);
    print_line(path.string() + "  " + facts_of(recipe, seconds) + again_line(recipe, again));
  }

  static std::string facts_of(const Recipe& recipe, double seconds) {
    const std::string unfinished =
        recipe.unfinished ? ", unfinished: " + text_of(*recipe.unfinished) : "";
    return fmt::format("seed {}, {}{}", *recipe.seed.seed, human_seconds(seconds), unfinished);
  }

  // The command says nothing of where a run was stopped: it draws the picture to its end.
  static std::string again_line(const Recipe& recipe, const std::string& command) {
    return (recipe.unfinished ? "\n  again, to the end: " : "\n  again: ") + command;
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
  }

  const DrawCommandOptions& options_;
  const Context& context_;
  const Console console_;
  Progress progress_;
  const bool to_stream_;
  const std::optional<GridSize> grid_;
  Recipe recipe_;  // the options', of no prompt yet
  std::optional<GivenPixels> given_;
  std::optional<Enlarger> between_passes_;
  std::optional<Enlarger> enlarger_;
  std::vector<Enlarger> again_;
  std::vector<Prompt> prompts_;
  std::optional<Reached> reached_;  // where Ctrl-C ended a run whose pictures were kept
  Json pictures_ = Json::array();
  Json failures_ = Json::array();
};

}  // namespace

Action add_draw(CLI::App& app) {
  const auto options = std::make_shared<DrawCommandOptions>();
  add_draw_command_options(app, *options);
  return [options](const Context& context) {
    DrawCommandOptions given = *options;
    given.words = without_marks(std::move(given.words));
    if (given.words.empty() && given.from_file.empty() && has_piped_input()) given.from_file = "-";
    DrawCommand(given, context).run();
  };
}

}  // namespace easel::cli
