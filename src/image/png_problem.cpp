#include "image/png_problem.h"

#include <csetjmp>
#include <cstring>

namespace easel::formats {

void on_png_error(png_structp png, png_const_charp message) {
  auto* problem = static_cast<PngProblem*>(png_get_error_ptr(png));
  std::strncpy(problem->message.data(), message, problem->message.size() - 1);
  png_longjmp(png, 1);
}

void on_png_warning(png_structp, png_const_charp) {}

std::vector<png_bytep> png_rows(const Image& image) {
  std::vector<png_bytep> rows;
  const auto height = static_cast<std::size_t>(image.height());
  for (std::size_t y = 0; y < height; ++y) {
    const auto* row =
        image.bits() == 16
            ? reinterpret_cast<const std::uint8_t*>(image.samples16().data() + y * image.stride())
            : image.samples8().data() + y * image.stride();
    rows.push_back(const_cast<png_bytep>(row));
  }
  return rows;
}

}  // namespace easel::formats
