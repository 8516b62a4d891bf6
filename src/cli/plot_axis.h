#pragma once

#include <string>
#include <vector>

#include "cli/model_options.h"
#include "recipe/recipe.h"

namespace easel::cli {

/// One direction of a plot: a setting and its values, each taken where the cell lies.
///
///     steps=5,10,20        a row of the recipe by its name or its option's
///     seed=1-4             whole numbers from, to
///     prompt:cat,dog       the prompt, its "cat" replaced by each, itself first; negative: too
///     prompt=a cat,a dog   whole prompts; "\," is a comma within one
///     model=default,FILE   each opened once; so are lora=FILE:0.5,FILE:1 and upscaler=A,B
///     subject=cat,dog      of the catalogue or any words, the prompt's beginning; style= its end
struct PlotAxis {
  std::string option;    ///< "--x", for messages
  std::string setting;   ///< as it was given
  std::string replaced;  ///< what of the prompt the values stand for; empty: of no prompt's part
  std::vector<std::string> values;

  /// What stands beside the cells: "Steps 10", or a prompt's part itself.
  std::string label(std::size_t value) const;
  /// Whether it says the whole prompt, so that none need be given.
  bool says_prompt() const;
};

/// Throws kUsage for a text that is no axis, or a setting that no plot can be over, with those that
/// it can.
PlotAxis plot_axis(const std::string& option, const std::string& text);

/// What a cell is drawn from.
struct PlotCell {
  Recipe recipe;  ///< subject and style are its labels
  ModelOptions model;
};
/// Gives a cell the axis' value. Throws kUsage for a value that the setting cannot have.
void set_value(const PlotAxis& axis, std::size_t value, PlotCell& cell);

}  // namespace easel::cli
