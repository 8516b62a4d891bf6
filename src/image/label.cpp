#include "image/label.h"

#include <algorithm>

#include "core/utf8.h"
#include "image/label_font.h"
#include "image/resize.h"

namespace easel {
namespace {

constexpr int kPadding = 4;
constexpr std::uint8_t kPaper = 255;
constexpr std::uint8_t kEmpty = 232;
constexpr int kRowLabelColumns = 20;
constexpr int kLabelLines = 3;

const LabelGlyph& glyph_for(char32_t point) {
  const auto glyphs = label_glyphs();
  const auto found = std::lower_bound(
      glyphs.begin(), glyphs.end(), point,
      [](const LabelGlyph& glyph, char32_t wanted) { return glyph.point < wanted; });
  return found != glyphs.end() && found->point == point ? *found : glyphs.back();
}

void fill(Image& canvas, int left, int top, Image::Size size, std::uint8_t gray) {
  for (int y = std::max(top, 0); y < std::min(top + size.height, canvas.height()); ++y) {
    const auto row = canvas.row8(y);
    const auto from = row.begin() + 3 * std::clamp(left, 0, canvas.width());
    const auto to = row.begin() + 3 * std::clamp(left + size.width, 0, canvas.width());
    std::fill(from, to, gray);
  }
}

void paste(Image& canvas, int left, int top, const Image& picture) {
  for (int y = 0; y < picture.height(); ++y) {
    const auto from = picture.row8(y);
    std::copy(from.begin(), from.end(), canvas.row8(top + y).begin() + 3 * left);
  }
}

// In the middle of its cell; small pictures are shown enlarged.
void paste_fitted(Image& canvas, int left, int top, int cell, const Image& picture) {
  const Image rgb = to_rgb8(picture);
  const double factor =
      std::min(static_cast<double>(cell) / rgb.width(), static_cast<double>(cell) / rgb.height());
  const Image::Size size{std::clamp(static_cast<int>(rgb.width() * factor), 1, cell),
                         std::clamp(static_cast<int>(rgb.height() * factor), 1, cell)};
  const Image fitted = size == rgb.size() ? rgb : resize(rgb, size, Resampling::kLanczos);
  paste(canvas, left + (cell - size.width) / 2, top + (cell - size.height) / 2, fitted);
}

}  // namespace

std::vector<std::string> wrapped(std::string_view text, int columns, int lines) {
  const auto width = static_cast<std::size_t>(std::max(columns, 1));
  const std::u32string points = code_points(text);
  std::u32string_view rest = points;
  std::vector<std::string> out;
  while (!rest.empty() && static_cast<int>(out.size()) < lines) {
    std::size_t take = std::min(width, rest.size());
    const bool last = static_cast<int>(out.size()) + 1 == lines;
    if (rest.size() > width && last) {
      out.push_back(to_utf8(rest.substr(0, width - 1)) + "…");
      break;
    }
    if (rest.size() > width) {
      const std::size_t space = rest.substr(0, width + 1).rfind(U' ');
      if (space != std::u32string_view::npos && space > 0) take = space;
    }
    out.push_back(to_utf8(rest.substr(0, take)));
    rest.remove_prefix(take);
    while (!rest.empty() && rest.front() == U' ') rest.remove_prefix(1);
  }
  return out;
}

void draw_label(Image& canvas, int x, int y, std::string_view line, const LabelStyle& style) {
  for (const char32_t point : code_points(line)) {
    const LabelGlyph& glyph = glyph_for(point);
    for (int row = 0; row < kGlyphHeight; ++row) {
      const unsigned bits = glyph.rows[static_cast<std::size_t>(row)];
      for (int column = 0; column < kGlyphWidth; ++column) {
        if ((bits >> (kGlyphWidth - 1 - column) & 1u) == 0) continue;
        fill(canvas, x + column * style.scale, y + row * style.scale, {style.scale, style.scale},
             style.ink);
      }
    }
    x += kGlyphWidth * style.scale;
  }
}

Image labelled_sheet(const LabelledSheet& sheet, std::span<const Image> pictures) {
  const int scale = sheet.cell >= 384 ? 2 : 1;
  const int line = kGlyphHeight * scale;
  const int side = sheet.cell + kPadding;
  const int left = kRowLabelColumns * kGlyphWidth * scale + 2 * kPadding;
  const int top = kLabelLines * line + 2 * kPadding;
  const int columns = static_cast<int>(sheet.columns.size());
  const int rows = static_cast<int>(sheet.rows.size());
  Image canvas({left + columns * side + kPadding, top + rows * side + kPadding}, 3);
  fill(canvas, 0, 0, canvas.size(), kPaper);
  const LabelStyle style{.ink = 32, .scale = scale};
  const auto label = [&](int x, int y, const std::string& text, int characters) {
    for (const std::string& part : wrapped(text, characters, kLabelLines)) {
      draw_label(canvas, x, y, part, style);
      y += line;
    }
  };
  for (int column = 0; column < columns; ++column) {
    label(left + column * side, kPadding, sheet.columns[static_cast<std::size_t>(column)],
          sheet.cell / (kGlyphWidth * scale));
  }
  for (int row = 0; row < rows; ++row) {
    label(kPadding, top + row * side + (sheet.cell - line) / 2,
          sheet.rows[static_cast<std::size_t>(row)], kRowLabelColumns);
    for (int column = 0; column < columns; ++column) {
      const auto at = static_cast<std::size_t>(row * columns + column);
      const int x = left + column * side;
      const int y = top + row * side;
      fill(canvas, x, y, {sheet.cell, sheet.cell}, kEmpty);
      if (pictures[at].empty()) continue;
      paste_fitted(canvas, x, y, sheet.cell, pictures[at]);
    }
  }
  return canvas;
}

}  // namespace easel
