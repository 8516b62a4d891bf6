#include "cli/console.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "cli/safe_print.h"
#include "core/error.h"
#include "core/json.h"
#include "core/printable.h"
#include "image/codec.h"
#include "image/terminal.h"

namespace easel::cli {
namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

bool locale_is_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string_view value = environment(name);
    if (value.empty()) continue;
    return value.find("UTF-8") != std::string_view::npos ||
           value.find("utf8") != std::string_view::npos ||
           value.find("UTF8") != std::string_view::npos ||
           value.find("utf-8") != std::string_view::npos;
  }
  return false;
}

// Colours that the terminal says it has; without them half blocks are no picture.
PictureProtocol half_blocks_for(std::string_view term) {
  const std::string_view colours = environment("COLORTERM");
  if (!environment("NO_COLOR").empty()) return PictureProtocol::kNone;  // no-color.org
  if (colours == "truecolor" || colours == "24bit" || term.ends_with("-direct")) {
    return PictureProtocol::kHalfBlocks;
  }
  const bool many = !colours.empty() || term.find("256color") != std::string_view::npos;
  return many ? PictureProtocol::kHalfBlocks256 : PictureProtocol::kNone;
}

PictureProtocol detect_pictures() {
  const std::string_view term = environment("TERM");
  const std::string_view program = environment("TERM_PROGRAM");
  if (term.empty() || term == "dumb") return PictureProtocol::kNone;
  // Inside tmux or screen the outer terminal's protocols do not get through.
  const bool direct = environment("TMUX").empty() && !term.starts_with("screen");
  if (direct) {
    if (term == "xterm-kitty" || term == "xterm-ghostty" || !environment("KITTY_WINDOW_ID").empty())
      return PictureProtocol::kKitty;
    if (program == "iTerm.app" || program == "WezTerm" || environment("LC_TERMINAL") == "iTerm2")
      return PictureProtocol::kIterm2;
  }
  return locale_is_utf8() ? half_blocks_for(term) : PictureProtocol::kNone;
}

winsize terminal_size() {
  winsize size = {};
  for (const int descriptor : {STDERR_FILENO, STDOUT_FILENO}) {
    if (isatty(descriptor) && ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
      return size;
  }
  return {.ws_row = 24, .ws_col = 80, .ws_xpixel = 0, .ws_ypixel = 0};
}

constexpr const char* kKittyDeleteAll = "\x1b_Ga=d,q=2\x1b\\";

// The picture as the terminal wants it, at most `columns` cells wide.
std::string picture_text(PictureProtocol protocol, const Image& image, int columns) {
  // A cell of the usual font is about 8 x 16 pixels; larger than life helps nobody, but a small
  // picture may fill 16 cells.
  const int cells = std::min(std::max(image.width() / 8, 16), std::max(1, columns));
  switch (protocol) {
    case PictureProtocol::kNone:
      return "";
    case PictureProtocol::kHalfBlocks:
      return half_blocks(image, std::min({columns, image.width(), 64}));
    case PictureProtocol::kHalfBlocks256:
      return half_blocks(image, std::min({columns, image.width(), 64}), TerminalColours::k256);
    case PictureProtocol::kKitty:
      return kitty_image(encode_picture(image, ImageFormat::kPng), cells) + "\n";
    case PictureProtocol::kIterm2:
      return iterm2_image(encode_picture(image, ImageFormat::kPng), cells) + "\n";
  }
  return "";
}

}  // namespace

Console detect_console() {
  Console console;
  console.out_is_terminal = isatty(STDOUT_FILENO) == 1;
  console.err_is_terminal = isatty(STDERR_FILENO) == 1 && environment("TERM") != "dumb";
  const winsize size = terminal_size();
  console.columns = size.ws_col;
  if (size.ws_row > 0) console.rows = size.ws_row;
  if (console.out_is_terminal) console.pictures = detect_pictures();
  return console;
}

void show_picture(const Console& console, const Image& image) {
  const std::string text = picture_text(console.pictures, image, console.columns);
  if (!text.empty()) print(text);
}

// Cells are twice as high as wide. Line feeds make room below, so that nothing scrolls while the
// picture is written, then the cursor goes back up.
void show_in_place(const Console& console, const Image& image) {
  const int most_rows = std::max(1, console.rows - 3);
  const int columns =
      std::clamp(2 * most_rows * image.width() / image.height(), 1, console.columns);
  const std::string text = picture_text(console.pictures, image, columns);
  if (text.empty()) return;
  const std::string erase = console.pictures == PictureProtocol::kKitty ? kKittyDeleteAll : "";
  print(std::string(static_cast<std::size_t>(most_rows) + 1, '\n') +
        fmt::format("\x1b[{}A\r\0337{}\x1b[1B{}\0338", most_rows + 1, erase, text));
}

void wipe_in_place(const Console& console) {
  print(std::string(console.pictures == PictureProtocol::kKitty ? kKittyDeleteAll : "") +
        "\r\x1b[J");
}

void print(const std::string& text) {
  errno = 0;
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0)
    return;
  // Whoever was reading has gone (`| head`); there is nobody to tell.
  if (errno == EPIPE) return;
  fail(errno == ENOSPC ? ErrorCode::kNoSpace : ErrorCode::kIo,
       "standard output cannot be written: {}", std::strerror(errno));
}

void print_text(const std::string& text) { print(without_controls(text)); }

void print_line(const std::string& line) { print_text(line + "\n"); }

void print_json(const Json& json) { print(json_without_controls(json.dump({.indent = 2})) + "\n"); }

void print_error_line(const std::string& line) {
  std::fputs((without_controls(line) + "\n").c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace easel::cli
