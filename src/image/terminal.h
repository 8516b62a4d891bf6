#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "image/image.h"

namespace easel {

enum class TerminalColours {
  k24Bit,
  k256,  ///< xterm's: a cube of 6 x 6 x 6 and 24 grays
};

/// The picture as text: one upper half block a cell, two pixels high; shrunk to at most `columns`
/// cells. Ends with a line end. REQUIRES: columns >= 1
std::string half_blocks(const Image& image, int columns,
                        TerminalColours colours = TerminalColours::k24Bit);

/// Kitty's graphics protocol: the PNG in base64, in pieces of 4,096 characters, shown `columns`
/// cells wide (0: its own size).
std::string kitty_image(std::span<const std::uint8_t> png, int columns = 0);

/// iTerm2's inline picture. Any format that the terminal reads.
std::string iterm2_image(std::span<const std::uint8_t> file, int columns = 0);

}  // namespace easel
