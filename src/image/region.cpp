#include "image/region.h"

#include <algorithm>
#include <cassert>

namespace easel {
namespace {

int nearest_inside(int at, int count) { return std::clamp(at, 0, count - 1); }

// … 2 1 | 0 1 2 … n-1 | n-2 …: the edge itself is not repeated.
int mirror_inside(int at, int count) {
  if (count == 1) return 0;
  const int period = 2 * (count - 1);
  const int within = ((at % period) + period) % period;
  return within < count ? within : period - within;
}

Image part_of(const Image& image, const Rect& part, int (*inside)(int at, int count)) {
  assert(image.bits() == 8 && part.width > 0 && part.height > 0);
  Image out(part.size(), image.channels());
  const auto channels = static_cast<std::size_t>(image.channels());
  for (int y = 0; y < part.height; ++y) {
    const auto from = image.row8(inside(part.y + y, image.height()));
    auto to = out.row8(y).begin();
    for (int x = 0; x < part.width; ++x) {
      const auto at = static_cast<std::size_t>(inside(part.x + x, image.width()));
      to = std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(at * channels), channels, to);
    }
  }
  return out;
}

}  // namespace

Image cropped(const Image& image, const Rect& part) { return part_of(image, part, nearest_inside); }

Image mirrored(const Image& image, const Rect& part) { return part_of(image, part, mirror_inside); }

Image blended(const Image& under, const Image& over, const Image& mask) {
  assert(under.size() == over.size() && under.size() == mask.size());
  assert(under.channels() == over.channels() && mask.channels() == 1);
  Image out = under;
  const auto channels = static_cast<std::size_t>(out.channels());
  for (std::size_t i = 0; i < out.samples(); ++i) {
    const int share = mask.samples8()[i / channels];
    const int sum = (255 - share) * under.samples8()[i] + share * over.samples8()[i];
    out.samples8()[i] = static_cast<std::uint8_t>((sum + 127) / 255);
  }
  return out;
}

Image with_part(Image image, const Image& part, int x, int y) {
  assert(x >= 0 && y >= 0 && x + part.width() <= image.width());
  assert(y + part.height() <= image.height() && image.channels() == part.channels());
  const auto offset = static_cast<std::ptrdiff_t>(x) * image.channels();
  for (int row = 0; row < part.height(); ++row) {
    std::ranges::copy(part.row8(row), image.row8(y + row).begin() + offset);
  }
  return image;
}

}  // namespace easel
