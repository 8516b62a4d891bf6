#pragma once

#include <cstdint>
#include <span>

#include "image/image.h"

namespace easel {

struct GridSpec {
  int columns = 1;
  int rows = 0;  ///< 0: as many as needed
  int padding = 2;
  std::uint8_t background = 0;
};

/// torchvision's make_grid(nrow = columns): pictures in rows, `padding` pixels around each; fewer
/// columns where there are fewer pictures, one picture alone without padding. 8-bit RGB.
/// REQUIRES: pictures of one size, at least one
Image make_grid(std::span<const Image> pictures, int columns, int padding = 2);

/// A contact sheet of columns x rows cells of the largest picture's size, each picture centred in
/// its cell; cells without a picture stay background. 8-bit RGB.
/// Throws kUsage when there are more pictures than cells. REQUIRES: at least one picture
Image contact_sheet(std::span<const Image> pictures, const GridSpec& spec);

}  // namespace easel
