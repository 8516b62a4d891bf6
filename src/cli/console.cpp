#include "cli/console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "core/error.h"
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
  return locale_is_utf8() ? PictureProtocol::kHalfBlocks : PictureProtocol::kNone;
}

int terminal_columns() {
  winsize size = {};
  for (const int descriptor : {STDERR_FILENO, STDOUT_FILENO}) {
    if (isatty(descriptor) && ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
      return size.ws_col;
  }
  return 80;
}

}  // namespace

Console detect_console() {
  Console console;
  console.out_is_terminal = isatty(STDOUT_FILENO) == 1;
  console.err_is_terminal = isatty(STDERR_FILENO) == 1 && environment("TERM") != "dumb";
  console.columns = terminal_columns();
  if (console.out_is_terminal) console.pictures = detect_pictures();
  return console;
}

void show_picture(const Console& console, const Image& image) {
  // A cell of the usual font is about 8 x 16 pixels; larger than life helps nobody.
  const int cells = std::clamp(image.width() / 8, 1, std::max(1, console.columns));
  switch (console.pictures) {
    case PictureProtocol::kNone:
      return;
    case PictureProtocol::kHalfBlocks:
      print(half_blocks(image, std::min({console.columns, image.width(), 64})));
      return;
    case PictureProtocol::kKitty:
      print(kitty_image(encode_picture(image, ImageFormat::kPng), std::max(cells, 16)) + "\n");
      return;
    case PictureProtocol::kIterm2:
      print(iterm2_image(encode_picture(image, ImageFormat::kPng), std::max(cells, 16)) + "\n");
      return;
  }
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

void print_line(const std::string& line) { print(line + "\n"); }

void print_error_line(const std::string& line) {
  std::fputs((line + "\n").c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace easel::cli
