#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "image/image.h"

namespace easel {

/// Text as lines of at most `columns` characters, broken between words where it can be. At most
/// `lines` of them; what does not fit ends in "…".
std::vector<std::string> wrapped(std::string_view text, int columns, int lines);

struct LabelStyle {
  std::uint8_t ink = 0;  ///< gray
  int scale = 1;         ///< pixels a pixel of the 9 x 15 font
};
/// Writes one line with its upper left corner at (x, y); what is outside is left out.
/// REQUIRES: 8-bit RGB
void draw_label(Image& canvas, int x, int y, std::string_view line, const LabelStyle& style);

/// A table of pictures with a name before each row and above each column. Cells without a picture
/// are gray. 8-bit RGB.
struct LabelledSheet {
  std::vector<std::string> rows;
  std::vector<std::string> columns;
  int cell = 256;  ///< pixels a side; pictures are fitted into it
  int column = 0;  ///< pixels from one column to the next, for longer names; 0: the cell's
  int lines = 3;   ///< of a name, at most; no fewer than 3
};

/// Such a table, filled a picture at a time: it holds no picture but itself.
class SheetCanvas {
 public:
  /// Pixels from one column to the next that its names need to stand whole, at most `most`.
  static int column_for(const LabelledSheet& sheet, int most);
  /// Pixels that the table takes.
  static Image::Size size_of(const LabelledSheet& sheet);

  explicit SheetCanvas(const LabelledSheet& sheet);
  /// REQUIRES: a cell of the table
  void put(int column, int row, const Image& picture);
  const Image& image() const { return canvas_; }

 private:
  struct Layout;

  int cell_, column_, left_, top_;
  Image canvas_;
};

/// REQUIRES: rows * columns pictures, row by row; an empty Image where there is none
Image labelled_sheet(const LabelledSheet& sheet, std::span<const Image> pictures);

}  // namespace easel
