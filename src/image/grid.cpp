#include "image/grid.h"

#include <algorithm>
#include <cassert>

#include "core/error.h"

namespace easel {
namespace {

constexpr std::int64_t kMaxPixels = std::int64_t{1} << 30;

Image blank(std::int64_t width, std::int64_t height, std::uint8_t value) {
  if (width > kMaxPixels || height > kMaxPixels / width) {
    fail(ErrorCode::kUsage, "a grid of {} x {} pixels is too large", width, height);
  }
  Image image({static_cast<int>(width), static_cast<int>(height)}, 3);
  std::ranges::fill(image.samples8(), value);
  return image;
}

void paste(const Image& picture, int x, int y, Image& onto) {
  const Image rgb = to_rgb8(picture);
  for (int row = 0; row < rgb.height(); ++row) {
    std::ranges::copy(rgb.row8(row), onto.row8(y + row).begin() + std::ptrdiff_t{3} * x);
  }
}

}  // namespace

Image make_grid(std::span<const Image> pictures, int columns, int padding) {
  assert(!pictures.empty() && columns >= 1 && padding >= 0);
  if (pictures.size() == 1) return to_rgb8(pictures[0]);
  const int count = static_cast<int>(pictures.size());
  const int across = std::min(columns, count);
  return contact_sheet(pictures, {.columns = across, .rows = 0, .padding = padding});
}

Image contact_sheet(std::span<const Image> pictures, const GridSpec& spec) {
  assert(!pictures.empty() && spec.columns >= 1 && spec.rows >= 0 && spec.padding >= 0);
  const int count = static_cast<int>(pictures.size());
  const int needed = (count + spec.columns - 1) / spec.columns;
  const int rows = spec.rows > 0 ? spec.rows : needed;
  if (rows < needed) {
    fail(ErrorCode::kUsage, "{} pictures do not fit into a grid of {}x{}", count, spec.columns,
         rows);
  }
  Image::Size cell;
  for (const Image& picture : pictures) {
    cell.width = std::max(cell.width, picture.width());
    cell.height = std::max(cell.height, picture.height());
  }
  const std::int64_t step_x = std::int64_t{cell.width} + spec.padding;
  const std::int64_t step_y = std::int64_t{cell.height} + spec.padding;
  Image sheet =
      blank(step_x * spec.columns + spec.padding, step_y * rows + spec.padding, spec.background);
  for (int i = 0; i < count; ++i) {
    const Image& picture = pictures[static_cast<std::size_t>(i)];
    const auto x = spec.padding + step_x * (i % spec.columns) + (cell.width - picture.width()) / 2;
    const auto y =
        spec.padding + step_y * (i / spec.columns) + (cell.height - picture.height()) / 2;
    paste(picture, static_cast<int>(x), static_cast<int>(y), sheet);
  }
  return sheet;
}

}  // namespace easel
