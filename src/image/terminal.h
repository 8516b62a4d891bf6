#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "image/image.h"

namespace easel {

/// The picture as text: one upper half block a cell, two pixels high, in 24-bit colour; shrunk to
/// at most `columns` cells. Ends with a line end. REQUIRES: columns >= 1
std::string half_blocks(const Image& image, int columns);

/// Kitty's graphics protocol: the PNG in base64, in pieces of 4,096 characters, shown `columns`
/// cells wide (0: its own size).
std::string kitty_image(std::span<const std::uint8_t> png, int columns = 0);

/// iTerm2's inline picture. Any format that the terminal reads.
std::string iterm2_image(std::span<const std::uint8_t> file, int columns = 0);

}  // namespace easel
