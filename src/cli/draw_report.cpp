#include "cli/draw_report.h"

#include <fmt/format.h>

#include "cli/model_options.h"
#include "cli/picture_tasks.h"
#include "cli/safe_print.h"
#include "core/units.h"
#include "recipe/forms.h"
#include "recipe/values.h"

namespace easel::cli {
namespace {

// The command says nothing of where a run was stopped: it draws the picture to its end.
std::string facts_of(const Recipe& recipe, double seconds, const std::string& command) {
  const bool whole = !recipe.unfinished;
  return fmt::format("seed {}, {}{}\n  again{}: {}", *recipe.seed.seed, human_seconds(seconds),
                     whole ? "" : ", unfinished: " + text_of(*recipe.unfinished),
                     whole ? "" : ", to the end", command);
}

}  // namespace

void DrawReport::begin(const DrawingModel& model) {
  model_ = model.info().name;
  arithmetic_ = model.arithmetic();
}

void DrawReport::keep(OutputPlan& output, const Image& image, const Recipe& recipe,
                      const Told& told) {
  const DrawCommandOptions& options = spec_.options;
  const EncodeOptions how{.metadata = metadata_of(by_easel(recipe))};
  const std::string again =
      command_again(recipe, options.model, spec_.context.program, again_options(options.latents));
  if (options.output == kStandardStream) {
    spec_.progress.clear();
    write_standard_output(encode_picture(image, ImageFormat::kPng, how));
    return spec_.progress.note(facts_of(recipe, told.seconds, again));
  }
  const auto path = output.write(image, how, recipe);
  if (!options.json) return show(path.string(), image, facts_of(recipe, told.seconds, again));
  Json said = {{"path", path.string()},
               {"prompt", recipe.prompt},
               {"template", recipe.templates.prompt},
               {"seed", *recipe.seed.seed},
               {"seconds", told.seconds},
               {"width", image.width()},
               {"height", image.height()},
               {"unfinished", easel::json_of(recipe.unfinished)},
               {"notes", told.notes},
               {"command", again}};
  if (!options.forever) return pictures_.push_back(std::move(said));
  print_text(said.dump() + "\n");  // a line each, as there is no end
}

void DrawReport::show(const std::string& path, const Image& image, const std::string& facts) const {
  if (spec_.options.quiet) return;
  spec_.progress.clear();
  if (!spec_.options.no_show) show_picture(spec_.console, image);
  print_line(path + "  " + facts);
}

void DrawReport::failed(const Prompt& prompt, const Error& error) {
  spec_.progress.clear();
  print_error_line(
      fmt::format("easel: {}, line {}: {}", spec_.options.from_file, prompt.line, error.what()));
  failures_.push_back({{"line", prompt.line}, {"error", error.what()}});
}

void DrawReport::finish() {
  spec_.progress.clear();
  if (!spec_.options.json || spec_.options.forever) return;
  // Invalid UTF-8 in a path is replaced rather than thrown on.
  print_json({{"model", model_},
              {"backend", arithmetic_.backend},
              {"target", arithmetic_.target},
              {"pictures", pictures_},
              {"failed", failures_}});
}

}  // namespace easel::cli
