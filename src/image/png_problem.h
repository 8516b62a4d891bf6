#pragma once

#include <png.h>

#include <array>
#include <cstdint>
#include <vector>

#include "image/image.h"

namespace easel::formats {

/// libpng reports errors by longjmp. Everything it is called from keeps its objects in a struct
/// that outlives the jump, so that none is skipped or leaked.
struct PngProblem {
  std::array<char, 128> message{};
};

/// For png_create_read_struct and png_create_write_struct, whose error pointer is a PngProblem.
void on_png_error(png_structp png, png_const_charp message);
void on_png_warning(png_structp png, png_const_charp message);

/// Where each row of a picture lies, for libpng.
std::vector<png_bytep> png_rows(const Image& image);

}  // namespace easel::formats
