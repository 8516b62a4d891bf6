#include "image/terminal.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <iterator>
#include <limits>

#include "image/resize.h"

namespace easel {
namespace {

std::string base64(std::span<const std::uint8_t> bytes) {
  constexpr const char* kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < count; ++k) bits |= std::uint32_t{bytes[i + k]} << (16 - 8 * k);
    for (std::size_t k = 0; k < 4; ++k) {
      out.push_back(k <= count ? kDigits[(bits >> (18 - 6 * k)) & 63] : '=');
    }
  }
  return out;
}

// xterm's 256 colours: levels of the cube are 0, 95, 135, …, 255, grays 8, 18, …, 238.
int colour_of_256(std::span<const std::uint8_t> pixel) {
  const auto cube_level = [](int value) {
    return value < 48 ? 0 : value < 115 ? 1 : (value - 35) / 40;
  };
  const auto value_of = [](int level) { return level == 0 ? 0 : 55 + 40 * level; };
  const auto distance = [&](int r, int g, int b) {
    const int dr = r - pixel[0], dg = g - pixel[1], db = b - pixel[2];
    return dr * dr + dg * dg + db * db;
  };
  const int r = cube_level(pixel[0]), g = cube_level(pixel[1]), b = cube_level(pixel[2]);
  const int mean = (pixel[0] + pixel[1] + pixel[2]) / 3;
  const int gray = std::clamp((mean - 3) / 10, 0, 23);
  const int of_gray = 8 + 10 * gray;
  const bool is_gray =
      distance(of_gray, of_gray, of_gray) < distance(value_of(r), value_of(g), value_of(b));
  return is_gray ? 232 + gray : 16 + 36 * r + 6 * g + b;
}

std::string colour(int layer, std::span<const std::uint8_t> pixel, TerminalColours colours) {
  if (colours == TerminalColours::k256) {
    return fmt::format("\x1b[{};5;{}m", layer, colour_of_256(pixel));
  }
  return fmt::format("\x1b[{};2;{};{};{}m", layer, pixel[0], pixel[1], pixel[2]);
}

}  // namespace

std::string half_blocks(const Image& image, int columns, TerminalColours palette) {
  assert(columns >= 1);
  constexpr int kForeground = 38;
  constexpr int kBackground = 48;
  const auto size =
      fit_within(image.size(), {.width = columns, .height = std::numeric_limits<int>::max()});
  const Image small = to_rgb8(resize(image, size, Resampling::kBox), 0);
  std::string out;
  for (int y = 0; y < small.height(); y += 2) {
    std::string last;
    for (int x = 0; x < small.width(); ++x) {
      const auto at = static_cast<std::size_t>(x) * 3;
      std::string colours = colour(kForeground, small.row8(y).subspan(at, 3), palette);
      // Under the last row of an odd height the terminal's own background shows.
      if (y + 1 < small.height()) {
        colours += colour(kBackground, small.row8(y + 1).subspan(at, 3), palette);
      }
      if (colours != last) out += colours;
      last = std::move(colours);
      out += "\u2580";
    }
    out += "\x1b[0m\n";
  }
  return out;
}

std::string kitty_image(std::span<const std::uint8_t> png, int columns) {
  constexpr std::size_t kPiece = 4096;
  const std::string data = base64(png);
  const std::string wide = columns > 0 ? fmt::format(",c={}", columns) : "";
  std::string out;
  std::size_t begin = 0;
  do {
    const std::size_t end = std::min(begin + kPiece, data.size());
    const int more = end < data.size() ? 1 : 0;
    // f=100: a PNG; a=T: show it; q=2: answer nothing.
    out += begin == 0 ? fmt::format("\x1b_Ga=T,f=100,q=2{},m={};", wide, more)
                      : fmt::format("\x1b_Gm={};", more);
    out.append(data, begin, end - begin);
    out += "\x1b\\";
    begin = end;
  } while (begin < data.size());
  return out + "\n";
}

std::string iterm2_image(std::span<const std::uint8_t> file, int columns) {
  const std::string wide = columns > 0 ? fmt::format(";width={}", columns) : "";
  return fmt::format("\x1b]1337;File=inline=1;size={}{};preserveAspectRatio=1:{}\a\n", file.size(),
                     wide, base64(file));
}

}  // namespace easel
