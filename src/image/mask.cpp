#include "image/mask.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <functional>
#include <vector>

namespace easel {
namespace {

Image gray(Image::Size size) { return Image(size, 1); }

Image transposed(const Image& mask) {
  Image out({.width = mask.height(), .height = mask.width()}, 1);
  for (int y = 0; y < mask.height(); ++y) {
    for (int x = 0; x < mask.width(); ++x) {
      out.row8(x)[static_cast<std::size_t>(y)] = mask.row8(y)[static_cast<std::size_t>(x)];
    }
  }
  return out;
}

using Row = std::span<const std::uint8_t>;
using RowFilter = std::function<std::uint8_t(Row, int x)>;

Image each_row(const Image& in, const RowFilter& filter) {
  Image out = gray(in.size());
  for (int y = 0; y < in.height(); ++y) {
    for (int x = 0; x < in.width(); ++x) {
      out.row8(y)[static_cast<std::size_t>(x)] = filter(in.row8(y), x);
    }
  }
  return out;
}

// A filter of rows, then of columns.
Image separably(const Image& mask, const RowFilter& filter) {
  return transposed(each_row(transposed(each_row(mask, filter)), filter));
}

Image blurred_rows(const Image& mask, int deviation) {
  if (deviation <= 0) return mask;
  const int reach = static_cast<int>(2.5 * deviation + 0.5);
  std::vector<double> weights;
  double sum = 0;
  for (int k = -reach; k <= reach; ++k) {
    weights.push_back(std::exp(-0.5 * k * k / (double{1} * deviation * deviation)));
    sum += weights.back();
  }
  return each_row(mask, [&](Row row, int x) {
    double value = 0;
    for (int k = -reach; k <= reach; ++k) {
      const int at = std::clamp(x + k, 0, static_cast<int>(row.size()) - 1);
      value += weights[static_cast<std::size_t>(k + reach)] * row[static_cast<std::size_t>(at)];
    }
    return static_cast<std::uint8_t>(value / sum + 0.5);
  });
}

// Colours with the weight of what is known of them, [height, width, 4].
struct KnownColours {
  int width = 0;
  int height = 0;
  std::vector<float> values;

  float* at(int x, int y) {
    return values.data() + 4 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                                static_cast<std::size_t>(x));
  }
  const float* at(int x, int y) const { return const_cast<KnownColours*>(this)->at(x, y); }
};

KnownColours made_of(int width, int height) {
  const auto count = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  return {.width = width, .height = height, .values = std::vector<float>(4 * count)};
}

KnownColours known_of(const Image& picture, const Image& mask) {
  KnownColours known = made_of(picture.width(), picture.height());
  for (std::size_t i = 0; i < mask.samples(); ++i) {
    const float weight = 1 - static_cast<float>(mask.samples8()[i]) / 255.0f;
    for (std::size_t c = 0; c < 3; ++c) {
      known.values[4 * i + c] = weight * static_cast<float>(picture.samples8()[3 * i + c]);
    }
    known.values[4 * i + 3] = weight;
  }
  return known;
}

KnownColours halved(const KnownColours& fine) {
  KnownColours coarse = made_of((fine.width + 1) / 2, (fine.height + 1) / 2);
  for (int y = 0; y < fine.height; ++y) {
    for (int x = 0; x < fine.width; ++x) {
      for (int c = 0; c < 4; ++c) coarse.at(x / 2, y / 2)[c] += fine.at(x, y)[c];
    }
  }
  for (std::size_t i = 0; i < coarse.values.size(); i += 4) {
    const float most = std::max(1.0f, coarse.values[i + 3]);
    for (std::size_t c = 0; c < 4; ++c) coarse.values[i + c] /= most;
  }
  return coarse;
}

// What a level does not know is taken from the next one, between its pixels.
void fill_from(const KnownColours& coarse, KnownColours& fine) {
  const auto column = [&](int x) { return std::clamp(x, 0, coarse.width - 1); };
  const auto row = [&](int y) { return std::clamp(y, 0, coarse.height - 1); };
  for (int y = 0; y < fine.height; ++y) {
    for (int x = 0; x < fine.width; ++x) {
      float* mine = fine.at(x, y);
      const float missing = 1 - mine[3];
      if (missing <= 0) continue;
      // Three quarters of the pixel that covers it, a quarter of its neighbour, both ways.
      const int beside = column(x / 2 + (x % 2 == 0 ? -1 : 1));
      const int above = row(y / 2 + (y % 2 == 0 ? -1 : 1));
      for (int c = 0; c < 4; ++c) {
        mine[c] += missing *
                   (9 * coarse.at(x / 2, y / 2)[c] + 3 * coarse.at(beside, y / 2)[c] +
                    3 * coarse.at(x / 2, above)[c] + coarse.at(beside, above)[c]) /
                   16;
      }
    }
  }
}

}  // namespace

Image mask_of(const Image& picture) {
  const Image rgb = to_rgb8(picture, 0);
  Image mask = gray(picture.size());
  for (std::size_t i = 0; i < mask.samples(); ++i) {
    const auto at = rgb.samples8().subspan(3 * i, 3);
    const unsigned sum = 19595u * at[0] + 38470u * at[1] + 7471u * at[2] + 0x8000u;
    mask.samples8()[i] = static_cast<std::uint8_t>(sum >> 16);
  }
  return mask;
}

std::optional<Image> transparency_of(const Image& picture) {
  if (!picture.has_alpha()) return std::nullopt;
  Image mask = gray(picture.size());
  bool any = false;
  for (std::size_t i = 0; i < mask.samples(); ++i) {
    const int alpha =
        picture.bits() == 16 ? picture.samples16()[4 * i + 3] >> 8 : picture.samples8()[4 * i + 3];
    mask.samples8()[i] = static_cast<std::uint8_t>(255 - alpha);
    any = any || alpha < 255;
  }
  if (!any) return std::nullopt;
  return mask;
}

Image inverted(Image mask) {
  for (std::uint8_t& sample : mask.samples8()) sample = static_cast<std::uint8_t>(255 - sample);
  return mask;
}

Image widened(const Image& mask, int pixels) {
  if (pixels <= 0) return mask;
  return separably(mask, [pixels](Row row, int x) {
    const int first = std::max(0, x - pixels);
    const int end = std::min(static_cast<int>(row.size()), x + pixels + 1);
    return *std::max_element(row.begin() + first, row.begin() + end);
  });
}

Image blurred(const Image& mask, Deviations by) {
  return transposed(blurred_rows(transposed(blurred_rows(mask, by.x)), by.y));
}

Image blurred(const Image& mask, int deviation) {
  return blurred(mask, {.x = deviation, .y = deviation});
}

std::optional<Rect> bounds_of(const Image& mask) {
  int left = mask.width(), top = mask.height(), right = -1, bottom = -1;
  for (int y = 0; y < mask.height(); ++y) {
    for (int x = 0; x < mask.width(); ++x) {
      if (mask.row8(y)[static_cast<std::size_t>(x)] == 0) continue;
      left = std::min(left, x);
      right = std::max(right, x);
      top = std::min(top, y);
      bottom = y;
    }
  }
  if (right < 0) return std::nullopt;
  return Rect{.x = left, .y = top, .width = right - left + 1, .height = bottom - top + 1};
}

Image filled_from_around(const Image& picture, const Image& mask) {
  assert(picture.channels() == 3 && picture.bits() == 8 && picture.size() == mask.size());
  std::vector<KnownColours> levels = {known_of(picture, mask)};
  while (levels.back().width > 1 || levels.back().height > 1) {
    levels.push_back(halved(levels.back()));
  }
  for (std::size_t i = levels.size() - 1; i-- > 0;) fill_from(levels[i + 1], levels[i]);
  Image out = picture;
  for (std::size_t i = 0; i < mask.samples(); ++i) {
    if (mask.samples8()[i] == 0) continue;
    const float* known = levels.front().values.data() + 4 * i;
    const float weight = known[3];
    if (weight <= 0) continue;  // nothing is known anywhere
    for (std::size_t c = 0; c < 3; ++c) {
      out.samples8()[3 * i + c] =
          static_cast<std::uint8_t>(std::clamp(known[c] / weight + 0.5f, 0.0f, 255.0f));
    }
  }
  return out;
}

}  // namespace easel
