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
constexpr int kLeastRowLines = 3;

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

struct SheetCanvas::Layout {
  explicit Layout(const LabelledSheet& sheet)
      : scale(sheet.cell >= 384 ? 2 : 1),
        line(kGlyphHeight * scale),
        column(std::max(sheet.column, sheet.cell) + kPadding),
        row(sheet.cell + kPadding),
        left(kRowLabelColumns * kGlyphWidth * scale + 2 * kPadding),
        characters((column - kPadding) / (kGlyphWidth * scale)),
        row_lines(std::clamp(sheet.cell / line, kLeastRowLines, sheet.lines)) {
    int lines = 1;
    for (const std::string& name : sheet.columns) {
      lines = std::max(lines, static_cast<int>(wrapped(name, characters, sheet.lines).size()));
    }
    column_lines = lines;
    top = lines * line + 2 * kPadding;
    size = {left + static_cast<int>(sheet.columns.size()) * column + kPadding,
            top + static_cast<int>(sheet.rows.size()) * row + kPadding};
  }

  int scale, line;    // of letters
  int column, row;    // from one to the next
  int left, top = 0;  // of the first picture
  int characters;     // of a column's name in a line
  int row_lines, column_lines = 0;
  Image::Size size;
};

int SheetCanvas::column_for(const LabelledSheet& sheet, int most) {
  LabelledSheet wider = sheet;
  wider.column = sheet.cell;
  const auto stands_whole = [&](const std::string& name) {
    const int characters = Layout(wider).characters;
    return wrapped(name, characters, sheet.lines) == wrapped(name, characters, sheet.lines + 1);
  };
  while (wider.column < most && !std::ranges::all_of(sheet.columns, stands_whole))
    wider.column += kGlyphWidth;
  return wider.column;
}

Image::Size SheetCanvas::size_of(const LabelledSheet& sheet) { return Layout(sheet).size; }

SheetCanvas::SheetCanvas(const LabelledSheet& sheet)
    : cell_(sheet.cell), column_(0), left_(0), top_(0) {
  const Layout layout(sheet);
  column_ = layout.column;
  left_ = layout.left;
  top_ = layout.top;
  canvas_ = Image(layout.size, 3);
  fill(canvas_, 0, 0, canvas_.size(), kPaper);
  const LabelStyle style{.ink = 32, .scale = layout.scale};
  const auto label = [&](int x, int y, const std::vector<std::string>& lines) {
    for (const std::string& part : lines) {
      draw_label(canvas_, x, y, part, style);
      y += layout.line;
    }
  };
  for (std::size_t i = 0; i < sheet.columns.size(); ++i) {
    label(left_ + static_cast<int>(i) * column_, kPadding,
          wrapped(sheet.columns[i], layout.characters, layout.column_lines));
  }
  for (std::size_t i = 0; i < sheet.rows.size(); ++i) {
    const auto lines = wrapped(sheet.rows[i], kRowLabelColumns, layout.row_lines);
    const int y = top_ + static_cast<int>(i) * layout.row;
    const int spare = sheet.cell - static_cast<int>(lines.size()) * layout.line;
    label(kPadding, y + std::max(spare / 2, 0), lines);
    for (std::size_t k = 0; k < sheet.columns.size(); ++k) {
      fill(canvas_, left_ + static_cast<int>(k) * column_, y, {cell_, cell_}, kEmpty);
    }
  }
}

void SheetCanvas::put(int column, int row, const Image& picture) {
  paste_fitted(canvas_, left_ + column * column_, top_ + row * (cell_ + kPadding), cell_, picture);
}

Image labelled_sheet(const LabelledSheet& sheet, std::span<const Image> pictures) {
  SheetCanvas canvas(sheet);
  const std::size_t columns = sheet.columns.size();
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    if (pictures[i].empty()) continue;
    canvas.put(static_cast<int>(i % columns), static_cast<int>(i / columns), pictures[i]);
  }
  return canvas.image();
}

}  // namespace easel
