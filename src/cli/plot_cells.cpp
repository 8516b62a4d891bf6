#include "cli/plot_cells.h"

#include "atelier/wildcards.h"
#include "cli/catalogue_names.h"
#include "cli/prompts.h"
#include "core/error.h"

namespace easel::cli {
namespace {

constexpr std::size_t kMostCells = 1000;

// Of the page's menus.
struct Menus {
  explicit Menus(const Catalogue& catalogue)
      : subjects(entries_of(catalogue.to_json()["subjects"])),
        styles(entries_of(catalogue.to_json()["styles"])),
        join(catalogue.join()) {}

  std::vector<MatrixEntry> subjects, styles;
  std::string join;
};

// As the page and the matrix make a prompt of the two.
void compose_prompt(const Menus& menus, Recipe& recipe) {
  Labels& labels = recipe.labels;
  if (!labels.subject.empty()) {
    const MatrixEntry subject = entry_named(menus.subjects, labels.subject);
    recipe.prompt = subject.text;
    labels.subject = subject.name;
  }
  if (labels.style.empty()) return;
  const MatrixEntry style = entry_named(menus.styles, labels.style);
  recipe.prompt += menus.join + style.text;
  labels.style = style.name;
}

std::string prompt_given(const PlotOptions& options, const PlotAxes& axes) {
  bool said = axes.x.says_prompt();
  for (const auto& axis : {axes.y, axes.z}) said |= axis && axis->says_prompt();
  if (options.words.empty() && said) return "";
  const std::vector<Prompt> prompts = read_prompts(options.words, "", BlankLines::kKeep);
  if (prompts.size() > 1)
    fail(ErrorCode::kUsage, "a plot is of one prompt, and {} were given: --y \"prompt=A,B\" is two",
         prompts.size());
  if (said) fail(ErrorCode::kUsage, "an axis says the prompt: leave '{}' out", prompts[0].text);
  return prompts[0].text;
}

PlotCell first_cell(const PlotOptions& options, const PlotAxes& axes) {
  PlotCell cell{.recipe = options.recipe, .model = options.model};
  cell.recipe.prompt = prompt_given(options, axes);
  if (!cell.recipe.seed.seed) cell.recipe.seed.seed = random_seed();
  return cell;
}

void check_cell(const PlotCell& cell) {
  check_prompt(cell.recipe.prompt);
  if (is_blank(cell.recipe.prompt)) fail(ErrorCode::kUsage, "the prompt is empty");
  if (!cell.recipe.enlarging.factor && !cell.model.upscaler.empty())
    fail(ErrorCode::kUsage, "an upscaler says with what, --upscale how much: give both");
}

}  // namespace

PlotAxes::PlotAxes(const PlotOptions& options) : x(plot_axis("--x", options.x)) {
  if (!options.y.empty()) y = plot_axis("--y", options.y);
  if (!options.z.empty()) z = plot_axis("--z", options.z);
  // No axis has so many values that these could overflow.
  if (cells() > kMostCells)
    fail(ErrorCode::kUsage, "the plot has {} x {} x {} pictures, and at most {} are drawn",
         columns(), values_of(y), values_of(z), kMostCells);
}

PlotAxes::At PlotAxes::at(std::size_t cell) const {
  const std::size_t row = cell / columns();
  return {.x = cell % columns(), .y = row % values_of(y), .z = row / values_of(y)};
}

std::vector<std::string> PlotAxes::column_names() const {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < columns(); ++i) names.push_back(x.label(i));
  return names;
}

std::vector<std::string> PlotAxes::row_names(const std::string& prompt) const {
  if (!y && !z) return {x.says_prompt() ? "" : prompt};
  std::vector<std::string> names;
  for (std::size_t row = 0; row < rows(); ++row) {
    const At place = at(row * columns());
    std::string name = z ? z->label(place.z) : "";
    if (y) name += (z ? ", " : "") + y->label(place.y);
    names.push_back(std::move(name));
  }
  return names;
}

std::vector<Provenance::Pair> PlotAxes::said() const {
  std::vector<Provenance::Pair> pairs = {{"Script", "X/Y/Z plot"}};
  const auto add = [&](const std::string& letter, const PlotAxis& axis) {
    pairs.emplace_back(letter + " Type", axis.setting);
    pairs.emplace_back(letter + " Values", fmt::format("{}", fmt::join(axis.values, ",")));
  };
  add("X", x);
  if (y) add("Y", *y);
  if (z) add("Z", *z);
  return pairs;
}

std::vector<PlotCell> plot_cells(const PlotOptions& options, const PlotAxes& axes,
                                 const Places& places) {
  const PlotCell first = first_cell(options, axes);
  const Menus menus(catalogue_of(places));
  WildcardFolder lists = wildcard_folder(options.wildcards_folder, places);
  std::vector<PlotCell> cells;
  for (std::size_t i = 0; i < axes.cells(); ++i) {
    const PlotAxes::At at = axes.at(i);
    PlotCell cell = first;
    if (axes.z) set_value(*axes.z, at.z, cell);
    if (axes.y) set_value(*axes.y, at.y, cell);
    set_value(axes.x, at.x, cell);
    compose_prompt(menus, cell.recipe);
    cell.recipe = worded(cell.recipe, 0, lists);
    check_cell(cell);
    cells.push_back(std::move(cell));
  }
  return cells;
}

}  // namespace easel::cli
