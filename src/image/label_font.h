#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace easel {

constexpr int kGlyphWidth = 9;
constexpr int kGlyphHeight = 15;

struct LabelGlyph {
  char32_t point;
  std::array<std::uint16_t, kGlyphHeight> rows;
};

/// Sorted by code point; the last one, U+FFFD, stands for what is not there.
std::span<const LabelGlyph> label_glyphs();

}  // namespace easel
