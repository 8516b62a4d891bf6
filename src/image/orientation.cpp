#include <algorithm>
#include <cassert>

#include "image/exif.h"

namespace easel {
namespace {

// Where the pixel (x, y) of the result comes from.
struct Turn {
  bool transpose;
  bool mirror_x;
  bool mirror_y;
};

Turn turn_of(int orientation) {
  constexpr Turn kTurns[] = {{false, false, false}, {false, true, false}, {false, true, true},
                             {false, false, true},  {true, false, false}, {true, false, true},
                             {true, true, true},    {true, true, false}};
  return kTurns[orientation - 1];
}

template <typename Sample>
void copy_turned(std::span<const Sample> from, Image::Size size, std::size_t channels, Turn turn,
                 std::span<Sample> to) {
  const int out_width = turn.transpose ? size.height : size.width;
  const int out_height = turn.transpose ? size.width : size.height;
  Sample* out = to.data();
  for (int y = 0; y < out_height; ++y) {
    for (int x = 0; x < out_width; ++x) {
      int from_x = turn.transpose ? y : x;
      int from_y = turn.transpose ? x : y;
      if (turn.mirror_x) from_x = size.width - 1 - from_x;
      if (turn.mirror_y) from_y = size.height - 1 - from_y;
      const auto pixel = static_cast<std::size_t>(from_y) * static_cast<std::size_t>(size.width) +
                         static_cast<std::size_t>(from_x);
      out = std::copy_n(from.data() + pixel * channels, channels, out);
    }
  }
}

}  // namespace

Image::Size oriented(Image::Size stored, int orientation) {
  return turn_of(orientation).transpose ? Image::Size{stored.height, stored.width} : stored;
}

Image oriented(const Image& image, int orientation) {
  assert(orientation >= 1 && orientation <= 8);
  if (orientation == 1) return image;
  const Turn turn = turn_of(orientation);
  Image out(oriented(image.size(), orientation), image.channels(), image.bits());
  const auto channels = static_cast<std::size_t>(image.channels());
  if (image.bits() == 16) {
    copy_turned<std::uint16_t>(image.samples16(), image.size(), channels, turn, out.samples16());
  } else {
    copy_turned<std::uint8_t>(image.samples8(), image.size(), channels, turn, out.samples8());
  }
  return out;
}

}  // namespace easel
