#include "pipeline/parts/tiled_decoding.h"

#include <algorithm>

namespace easel {
namespace {

/// Decoded pixels [height, width, 3].
struct Patch {
  std::vector<float> pixels;
  int height = 0, width = 0;

  float* at(int y, int x) { return pixels.data() + (std::ptrdiff_t{y} * width + x) * 3; }
};

// The lower half of the seam with the patch above: row y is y / rows its own.
void blend_below(Patch& above, Patch& patch, int rows) {
  rows = std::min({rows, above.height, patch.height});
  for (int y = 0; y < rows; ++y) {
    const float own = static_cast<float>(y) / static_cast<float>(rows);
    const float* from = above.at(above.height - rows + y, 0);
    float* to = patch.at(y, 0);
    for (int i = 0; i < 3 * patch.width; ++i) to[i] = from[i] * (1 - own) + to[i] * own;
  }
}

void blend_beside(Patch& left, Patch& patch, int columns) {
  columns = std::min({columns, left.width, patch.width});
  for (int y = 0; y < patch.height; ++y) {
    for (int x = 0; x < columns; ++x) {
      const float own = static_cast<float>(x) / static_cast<float>(columns);
      const float* from = left.at(y, left.width - columns + x);
      float* to = patch.at(y, x);
      for (int i = 0; i < 3; ++i) to[i] = from[i] * (1 - own) + to[i] * own;
    }
  }
}

/// One picture in tiles: a row of them is kept for the next row's seams.
class TiledDecoding {
 public:
  TiledDecoding(LatentCodec& codec, std::span<const float> latent, const LatentCodec::Size& size,
                int tile)
      : codec_(codec),
        facts_(codec.facts()),
        latent_(latent),
        height_(size.height),
        width_(size.width),
        tile_(tile),
        overlap_(tile / 4) {}

  /// `out`: the picture's pixels.
  void operator()(float* out) {
    const int step = tile_ - overlap_;
    std::vector<Patch> above;
    for (int y = 0; y < height_; y += step) {
      std::vector<Patch> row;
      for (int x = 0; x < width_; x += step) {
        row.push_back(decoded(y, x));
        const std::size_t i = row.size() - 1;
        if (!above.empty()) blend_below(above[i], row[i], overlap_ * facts_.factor);
        if (i > 0) blend_beside(row[i - 1], row[i], overlap_ * facts_.factor);
        keep(row[i], y * facts_.factor, x * facts_.factor, step * facts_.factor, out);
      }
      above = std::move(row);
    }
  }

 private:
  Patch decoded(int y, int x) {
    const int rows = std::min(tile_, height_ - y), columns = std::min(tile_, width_ - x);
    std::vector<float> part;
    part.reserve(static_cast<std::size_t>(facts_.channels * rows * columns));
    for (int c = 0; c < facts_.channels; ++c) {
      for (int i = 0; i < rows; ++i) {
        const auto begin = latent_.begin() + (std::ptrdiff_t{c} * height_ + y + i) * width_ + x;
        part.insert(part.end(), begin, begin + columns);
      }
    }
    return {.pixels = codec_.decode(part, {.count = 1, .height = rows, .width = columns}),
            .height = rows * facts_.factor,
            .width = columns * facts_.factor};
  }

  // What no later tile covers, or the end.
  void keep(Patch& patch, int top, int left, int side, float* out) const {
    const int rows = std::min(patch.height, side), columns = std::min(patch.width, side);
    const std::ptrdiff_t stride = std::ptrdiff_t{width_} * facts_.factor * 3;
    for (int y = 0; y < rows; ++y) {
      std::copy_n(patch.at(y, 0), columns * 3, out + (top + y) * stride + std::ptrdiff_t{left} * 3);
    }
  }

  LatentCodec& codec_;
  const LatentFacts facts_;
  const std::span<const float> latent_;
  const int height_, width_;
  const int tile_, overlap_;
};

}  // namespace

std::vector<float> decode_in_tiles(LatentCodec& codec, std::span<const float> latents,
                                   const LatentCodec::Size& size, int tile) {
  if (tile >= size.height && tile >= size.width) return codec.decode(latents, size);
  const LatentFacts facts = codec.facts();
  const std::size_t latent = latents.size() / static_cast<std::size_t>(size.count);
  const auto pixels = static_cast<std::size_t>(size.height) * static_cast<std::size_t>(size.width) *
                      static_cast<std::size_t>(facts.factor * facts.factor) * 3;
  std::vector<float> out(pixels * static_cast<std::size_t>(size.count));
  for (int i = 0; i < size.count; ++i) {
    const auto index = static_cast<std::size_t>(i);
    TiledDecoding(codec, latents.subspan(index * latent, latent), size,
                  tile)(out.data() + index * pixels);
  }
  return out;
}

}  // namespace easel
