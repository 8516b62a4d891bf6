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
};
/// REQUIRES: rows * columns pictures, row by row; an empty Image where there is none
Image labelled_sheet(const LabelledSheet& sheet, std::span<const Image> pictures);

}  // namespace easel
