#pragma once

#include <string>

#include "image/image.h"

namespace easel::cli {

/// How pictures can be shown in a terminal.
enum class PictureProtocol {
  kNone,
  kHalfBlocks,     ///< in 24-bit colour
  kHalfBlocks256,  ///< in xterm's 256 colours
  kKitty,
  kIterm2
};

/// What standard output and standard error are connected to. A value, read once.
struct Console {
  bool out_is_terminal = false;
  bool err_is_terminal = false;  ///< and one that can overwrite a line (TERM is not "dumb")
  int columns = 80;
  int rows = 24;
  PictureProtocol pictures = PictureProtocol::kNone;  ///< kNone unless out_is_terminal
};

/// Looks at the descriptors and at TERM, COLORTERM, NO_COLOR, TERM_PROGRAM, LC_* and their like.
Console detect_console();

/// Prints a picture on standard output, in the way that the terminal can; nothing for kNone.
void show_picture(const Console& console, const Image& image);

/// The same below the cursor's line, which stays where it is: the next picture covers this one.
void show_in_place(const Console& console, const Image& image);
/// Takes the picture away, and what is on the cursor's line.
void wipe_in_place(const Console& console);

/// Writes to standard output, flushed. Throws kIo or kNoSpace when it does not take the text.
void print(const std::string& text);
/// The same with a line end.
void print_line(const std::string& line);
/// One line on standard error; trouble there is nobody's to hear of.
void print_error_line(const std::string& line);

}  // namespace easel::cli
