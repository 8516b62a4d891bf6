#include <CLI/App.hpp>
#include <algorithm>
#include <memory>
#include <numeric>
#include <optional>
#include <tuple>
#include <vector>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/draw_progress.h"
#include "cli/enlargers.h"
#include "cli/given_pictures.h"
#include "cli/model_options.h"
#include "cli/output_path.h"
#include "cli/places.h"
#include "cli/plot_cells.h"
#include "cli/plot_options.h"
#include "cli/progress.h"
#include "cli/prompted_model.h"
#include "cli/safe_print.h"
#include "cli/verbatim.h"
#include "core/error.h"
#include "core/json.h"
#include "core/units.h"
#include "image/label.h"
#include "pipeline/drawing/editing_check.h"
#include "recipe/forms.h"

namespace easel::cli {
namespace {

// What a sheet may have, so that it is held in memory and read by others: 400 MB of pixels.
constexpr std::int64_t kMostSheetPixels = std::int64_t{1} << 27;
constexpr int kMostSide = 60'000;      // JPEG has 65,535
constexpr int kMostWebpSide = 16'383;  // its format's
constexpr int kWidestName = 32 * 9;    // pixels: so many letters
constexpr int kMostLabelLines = 4;

// Draws one cell after another, those of one model together. Of the pictures only the sheet is
// held.
class PlotCommand {
 public:
  PlotCommand(const PlotOptions& options, const Context& context)
      : options_(options),
        context_(context),
        console_(detect_console()),
        progress_(console_, options.quiet),
        places_(find_places()),
        axes_(options),
        models_({.places = places_,
                 .program = context.program,
                 .keep_networks = true,
                 .on_note = [this](const std::string& note) { tell(note); }}),
        enlargers_({.backend = engine_options(options.model).backend,
                    .places = places_,
                    .program = context.program,
                    .cancel = context.cancel}),
        output_({.output = options.output.empty() ? std::nullopt : std::optional(options.output),
                 .force = options.force}) {
    for (PlotCell& cell : plot_cells(options, axes_, places_)) cells_.push_back({std::move(cell)});
    if (!options.pictures.empty())
      singles_.emplace(OutputPlan::Options{.output = options.pictures + "/",
                                           .count = static_cast<int>(cells_.size()),
                                           .names = options.names});
  }

  void run() {
    output_.check();
    if (singles_) singles_->check();
    const std::vector<std::size_t> order = by_models();
    for (const std::size_t i : order) complete(cells_[i]);  // refused before any is drawn
    SheetCanvas canvas(layout());
    try {
      for (const std::size_t i : order) draw(i, canvas);
    } catch (const Error& error) {
      if (drawn_ == 0) throw;
      keep(canvas.image());
      throw FailedInPart(error.code(), fmt::format("{} of {} pictures are drawn: {}", drawn_,
                                                   cells_.size(), error.what()));
    }
    keep(canvas.image());
  }

 private:
  struct Cell {
    PlotCell plot;
    Image::Size size = {};
    double seconds = 0;
    std::string command = {};
  };

  // Cells of one model and its LoRAs come after each other.
  std::vector<std::size_t> by_models() const {
    const auto key = [&](std::size_t i) {
      const PlotCell& plot = cells_[i].plot;
      const std::size_t asks = plot.recipe.prompt.find("<lora:");
      return std::tuple(plot.model.model, plot.model.loras,
                        asks == std::string::npos ? "" : plot.recipe.prompt.substr(asks));
    };
    std::vector<std::size_t> order(cells_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, key);
    return order;
  }

  void complete(Cell& cell) {
    progress_.status("reading the model");
    Recipe& recipe = cell.plot.recipe;
    const DrawingModel& model = models_.open(cell.plot.model, recipe);
    if (const auto given = read_given(recipe))
      choose_size_by(given->init.size(), model.info(), recipe);
    recipe = models_.completed(recipe);
    enlargers_.open_for(recipe, cell.plot.model.upscaler);
    cell.size = last_size(recipe, model.info().size_multiple);
    const double factor = recipe.enlarging.factor.value_or(1);
    cell.size = {static_cast<int>(cell.size.width * factor),
                 static_cast<int>(cell.size.height * factor)};
    if (recipe.enlarging.result.width > 0) cell.size = recipe.enlarging.result;
    cell.command = command_again(recipe, cell.plot.model, context_.program);
  }

  // As large as the largest picture, or as a sheet can be.
  LabelledSheet layout() {
    LabelledSheet sheet{.rows = axes_.row_names(cells_.front().plot.recipe.prompt),
                        .columns = axes_.column_names(),
                        .cell = 1,
                        .lines = kMostLabelLines};
    for (const Cell& cell : cells_)
      sheet.cell = std::max({sheet.cell, cell.size.width, cell.size.height});
    const int whole = sheet.cell;
    const int most = options_.output.ends_with(".webp") ? kMostWebpSide : kMostSide;
    const auto fits = [&] {
      const Image::Size size = SheetCanvas::size_of(sheet);
      return std::int64_t{size.width} * size.height <= kMostSheetPixels && size.width <= most &&
             size.height <= most;
    };
    sheet.column = SheetCanvas::column_for(sheet, kWidestName);
    while (!fits() && sheet.cell > 1) {
      sheet.cell = std::max(sheet.cell * 7 / 8, 1);
      sheet.column = 0;
    }
    if (!fits())
      fail(ErrorCode::kUsage, "a sheet of {} x {} pictures is larger than its file can be",
           axes_.columns(), axes_.rows());
    if (sheet.cell < whole)
      tell(
          fmt::format("the sheet shows the pictures at {} pixels a side instead of {}: all of them "
                      "would be too large a picture; --pictures DIR keeps each as it is",
                      sheet.cell, whole));
    return sheet;
  }

  void draw(std::size_t i, SheetCanvas& canvas) {
    Cell& cell = cells_[i];
    Recipe& recipe = cell.plot.recipe;
    DrawingModel& model = models_.open(cell.plot.model, recipe);
    const auto given = read_given(recipe);
    DrawProgress steps(progress_, fmt::format("{} of {}", drawn_ + 1, cells_.size()));
    DrawHooks hooks;
    hooks.cancel = &context_.cancel;
    if (given) hooks.given = &*given;
    hooks.on_note = [&](const std::string& note) { tell(note); };
    hooks.on_step = [&](const DrawStep& step) { steps.on_step(step); };
    hooks.on_picture = [&](DrawnPicture drawn) {
      const Image picture =
          enlargers_.enlarged(std::move(drawn.image), recipe, cell.plot.model.upscaler);
      canvas.put(static_cast<int>(i % axes_.columns()), static_cast<int>(i / axes_.columns()),
                 picture);
      if (!singles_) return;
      const Recipe said = recipe_of_drawn(recipe, drawn);
      singles_->write(picture, {.metadata = metadata_of(by_easel(said))}, said);
    };
    enlargers_.help(recipe, hooks);
    model.draw(recipe, {.count = 1}, hooks);
    cell.seconds = steps.seconds();
    ++drawn_;
    progress_.restart();
  }

  // What holds for every cell is said once.
  void tell(const std::string& note) {
    if (std::ranges::find(told_, note) != told_.end()) return;
    told_.push_back(note);
    progress_.note("easel: " + note);
  }

  void keep(const Image& sheet) {
    const Recipe& first = cells_.front().plot.recipe;
    Provenance said = by_easel(first);
    said.others = axes_.said();
    const auto path = output_.write(sheet, {.metadata = metadata_of(said)}, first);
    progress_.clear();
    if (options_.json) return print_json(result(path.string(), sheet.size()));
    if (options_.quiet) return;
    if (!options_.no_show) show_picture(console_, sheet);
    print_line(fmt::format("{}  {} x {}, {} pictures, seed {}, {}", path.string(), sheet.width(),
                           sheet.height(), drawn_, *first.seed.seed, human_seconds(seconds())));
  }

  double seconds() const {
    double all = 0;
    for (const Cell& cell : cells_) all += cell.seconds;
    return all;
  }

  Json result(const std::string& path, Image::Size size) const {
    Json cells = Json::array();
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      const PlotAxes::At at = axes_.at(i);
      Json cell = {{"x", axes_.x.values[at.x]}};
      if (axes_.y) cell.add("y", axes_.y->values[at.y]);
      if (axes_.z) cell.add("z", axes_.z->values[at.z]);
      cell.add("prompt", cells_[i].plot.recipe.prompt);
      cell.add("seed", *cells_[i].plot.recipe.seed.seed);
      cell.add("seconds", cells_[i].seconds);
      cell.add("command", cells_[i].command);
      cells.push_back(std::move(cell));
    }
    return {{"path", path},
            {"width", size.width},
            {"height", size.height},
            {"seconds", seconds()},
            {"cells", cells}};
  }

  const PlotOptions& options_;
  const Context& context_;
  const Console console_;
  Progress progress_;
  const Places places_;
  const PlotAxes axes_;
  PromptedModel models_;
  Enlargers enlargers_;
  OutputPlan output_;
  std::optional<OutputPlan> singles_;
  std::vector<Cell> cells_;
  std::vector<std::string> told_;
  std::size_t drawn_ = 0;
};

}  // namespace

Action add_plot(CLI::App& app) {
  const auto options = std::make_shared<PlotOptions>();
  add_plot_options(app, *options);
  return [options](const Context& context) {
    PlotOptions given = *options;
    given.words = without_marks(std::move(given.words));
    given.names = without_marks({given.names}).front();
    PlotCommand(given, context).run();
  };
}

}  // namespace easel::cli
