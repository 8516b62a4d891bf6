#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/places.h"
#include "cli/plot_axis.h"
#include "cli/plot_options.h"
#include "recipe/forms.h"

namespace easel::cli {

/// The directions of a plot; blocks of rows, one below the other, are the third one's.
struct PlotAxes {
  PlotAxis x;
  std::optional<PlotAxis> y;
  std::optional<PlotAxis> z;

  /// Throws as plot_axis, and kUsage for more cells than are drawn.
  explicit PlotAxes(const PlotOptions& options);

  std::size_t columns() const { return x.values.size(); }
  std::size_t rows() const { return values_of(y) * values_of(z); }
  std::size_t cells() const { return columns() * rows(); }
  /// Which value of each axis a cell has. Cells go row by row, those of z's first value first.
  struct At {
    std::size_t x, y, z;
  };
  At at(std::size_t cell) const;

  std::vector<std::string> column_names() const;
  /// `prompt`: what stands there where nothing changes from row to row.
  std::vector<std::string> row_names(const std::string& prompt) const;
  /// As AUTOMATIC1111's script writes them into its sheets.
  std::vector<Provenance::Pair> said() const;

 private:
  static std::size_t values_of(const std::optional<PlotAxis>& axis) {
    return axis ? axis->values.size() : 1;
  }
};

/// What each cell is drawn from, as far as the options say it: one seed for all that say none.
/// Every value is read here, before any is drawn; words are chosen where they are to be. Throws
/// kUsage for a value that a setting cannot have, or no prompt.
std::vector<PlotCell> plot_cells(const PlotOptions& options, const PlotAxes& axes,
                                 const Places& places);

}  // namespace easel::cli
