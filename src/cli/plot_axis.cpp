#include "cli/plot_axis.h"

#include <CLI/App.hpp>
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>

#include "cli/file_names.h"
#include "cli/recipe_options.h"
#include "core/error.h"
#include "recipe/fields.h"

namespace easel::cli {
namespace {

constexpr std::size_t kMostAxisValues = 1000;

// Of a command's own affairs those that a plot can be over too.
constexpr const Field* kBesideOptions[] = {&fields::kPrompt,   &fields::kModel,   &fields::kLoras,
                                           &fields::kUpscaler, &fields::kSubject, &fields::kStyle};

// Those that a client may ask for and a command takes among its settings.
bool is_plotted(const Field& field) {
  const bool by_itself = std::ranges::find(kBesideOptions, &field) != std::end(kBesideOptions);
  return field.asked && (by_itself || (!field.group.empty() && !field.option.empty()));
}

const Field* plotted_row(std::string_view name) {
  const Field* found = nullptr;
  visit_rows([&](const Field& field) {
    if (found == nullptr && is_plotted(field) && is_called(field, name)) found = &field;
  });
  return found;
}

const Field& wanted_row(const PlotAxis& axis) {
  if (const Field* field = plotted_row(axis.setting)) return *field;
  std::string names;
  visit_rows([&](const Field& field) {
    if (is_plotted(field)) names += (names.empty() ? "" : ", ") + std::string(field.json);
  });
  fail(ErrorCode::kUsage, "{} knows no setting '{}': there are {}", axis.option, axis.setting,
       names);
}

std::vector<std::string> split_at_commas(std::string_view text) {
  std::vector<std::string> parts(1);
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text.substr(at).starts_with("\\,")) {
      parts.back() += text[++at];
    } else if (text[at] == ',') {
      parts.emplace_back();
    } else {
      parts.back() += text[at];
    }
  }
  return parts;
}

// "1-4"
struct WholeRange {
  std::uint64_t from = 0;
  std::uint64_t to = 0;
};
std::optional<WholeRange> range_of(std::string_view text) {
  WholeRange range;
  const char* end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, range.from);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != '-') return std::nullopt;
  const auto second = std::from_chars(first.ptr + 1, end, range.to);
  if (second.ec != std::errc() || second.ptr != end || range.from > range.to) return std::nullopt;
  return range;
}

void add_values(std::string text, PlotAxis& axis) {
  const auto range = range_of(text);
  if (!range) return axis.values.push_back(std::move(text));
  if (range->to - range->from >= kMostAxisValues)
    fail(ErrorCode::kUsage, "{} has more than {} values: '{}'", axis.option, kMostAxisValues, text);
  for (std::uint64_t k = 0; k <= range->to - range->from; ++k)
    axis.values.push_back(std::to_string(range->from + k));
}

std::string replaced_in(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

// A prompt's parts are replaced, and a negative prompt's.
bool is_prompt(const Field& field) {
  return &field == &fields::kPrompt || &field == &fields::kNegative;
}

void set_prompt(const PlotAxis& axis, const std::string& value, std::string& prompt) {
  if (axis.replaced.empty()) {
    prompt = value;
    return;
  }
  if (prompt.find(axis.replaced) == std::string::npos)
    fail(ErrorCode::kUsage, "{} replaces '{}', which the {} '{}' does not hold", axis.option,
         axis.replaced, axis.setting, prompt);
  prompt = replaced_in(std::move(prompt), axis.replaced, value);
}

// As the option of `easel draw` reads and checks it.
void set_by_option(const PlotAxis& axis, const Field& field, const std::string& value,
                   Recipe& recipe) {
  CLI::App app;
  add_recipe_options(app, recipe, {.group = field.group});
  const std::size_t at = field.option.find("--");
  const std::string option(field.option.substr(at, field.option.find(',', at) - at));
  try {
    app.parse(std::vector<std::string>{option + "=" + value});
  } catch (const CLI::ParseError& error) {
    fail(ErrorCode::kUsage, "{} {}: {}", axis.option, axis.setting, error.what());
  } catch (const Error& error) {
    fail(error.code(), "{} {}: {}", axis.option, axis.setting, error.what());
  }
}

}  // namespace

std::string PlotAxis::label(std::size_t value) const {
  const Field& field = *plotted_row(setting);
  const bool by_itself =
      &field == &fields::kPrompt || &field == &fields::kSubject || &field == &fields::kStyle;
  if (by_itself || !replaced.empty()) return values[value];
  return std::string(field.title) + " " + values[value];
}

bool PlotAxis::says_prompt() const {
  const Field* field = plotted_row(setting);
  return (field == &fields::kPrompt && replaced.empty()) || field == &fields::kSubject;
}

PlotAxis plot_axis(const std::string& option, const std::string& text) {
  const std::size_t sign = text.find_first_of("=:");
  if (sign == std::string::npos || sign == 0 || sign + 1 == text.size())
    fail(ErrorCode::kUsage, "{} wants SETTING=VALUE,VALUE or prompt:WORDS,WORDS, not '{}'", option,
         text);
  PlotAxis axis{.option = option, .setting = text.substr(0, sign)};
  const Field& field = wanted_row(axis);
  std::vector<std::string> parts = split_at_commas(std::string_view(text).substr(sign + 1));
  if (text[sign] == ':') {
    if (!is_prompt(field) || parts.front().empty())
      fail(ErrorCode::kUsage, "{} replaces parts of a prompt alone, as in prompt:cat,dog, not '{}'",
           option, text);
    axis.replaced = parts.front();
  }
  for (std::string& part : parts) {
    if (field.unit == "N" || field.unit == "X") {
      add_values(std::move(part), axis);
    } else {
      axis.values.push_back(std::move(part));
    }
    if (axis.values.size() > kMostAxisValues)
      fail(ErrorCode::kUsage, "{} has more than {} values", option, kMostAxisValues);
  }
  return axis;
}

void set_value(const PlotAxis& axis, std::size_t value, PlotCell& cell) {
  const Field& field = wanted_row(axis);
  const std::string& text = axis.values[value];
  Recipe& recipe = cell.recipe;
  if (&field == &fields::kPrompt) return set_prompt(axis, text, recipe.prompt);
  if (&field == &fields::kNegative) return set_prompt(axis, text, recipe.negative);
  if (&field == &fields::kSubject) {
    recipe.labels.subject = text;
  } else if (&field == &fields::kStyle) {
    recipe.labels.style = text;
  } else if (&field == &fields::kModel) {
    cell.model.model = text;
  } else if (&field == &fields::kUpscaler) {
    cell.model.upscaler = text;
  } else if (&field == &fields::kLoras) {
    cell.model.loras = {text};
    if (text.empty() || text == "none") cell.model.loras.clear();
  } else {
    set_by_option(axis, field, text, recipe);
  }
}

}  // namespace easel::cli
