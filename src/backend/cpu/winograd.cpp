#include "backend/cpu/winograd.h"

#include <algorithm>
#include <array>

#include "backend/follow.h"

namespace easel::cpu {
namespace {

constexpr std::int64_t kMostPoints = 36;
constexpr std::int64_t kMostTile = 4;
constexpr std::int64_t kBlock = kWinogradBlockK;
// The points of a tile are written one after another; a cache line between them keeps them off
// the same cache set, which a distance of a power of two would put them all in.
constexpr std::int64_t kApart = 16;
// How far ahead pixels are asked for: their rows are apart, which the processor does not foresee.
constexpr std::int64_t kTilesAhead = 2;
// Transformed tiles that may wait in memory at once.
constexpr std::int64_t kWaitingFloats = std::int64_t{8} << 20;
// Panels that share one pass over the transformed tiles of a group, where there are enough of them.
constexpr std::int64_t kPanelsTogether = 2;
constexpr std::int64_t kEnoughTasks = 8;  // a thread
// Fewest tiles of a thread's own in a small layer, and how many columns of weights are transformed
// in the time in which one transformed tile passes from core to core.
constexpr std::int64_t kFewestTiles = 8;
constexpr std::int64_t kHandoverColumns = 6;

struct Geometry {
  std::int64_t tile, side, points;   // m, m + 2, (m + 2)^2
  std::int64_t height, width;        // of the result, and of the (enlarged) input
  std::int64_t tiles_y, tiles_x;     // of one picture
  std::int64_t tiles;                // of the batch
  std::int64_t group_tiles, groups;  // tiles that go through the products together
  std::int64_t channel_blocks;
  bool alone;  // each group is one thread's, from its pixels to the result
};

// Floats from one point's transformed tiles to the next's.
std::int64_t tiles_stride(const Geometry& g) { return g.group_tiles * kBlock + kApart; }

Geometry geometry_for(const Context& context, const WinogradKernels& kernels,
                      const Conv2dSpec& spec, View out) {
  Geometry g{};
  g.tile = kernels.tile;
  g.side = g.tile + 2;
  g.points = g.side * g.side;
  g.height = out.shape[1];
  g.width = out.shape[2];
  g.tiles_y = ceil_div(g.height, g.tile);
  g.tiles_x = ceil_div(g.width, g.tile);
  g.tiles = out.shape[0] * g.tiles_y * g.tiles_x;
  // The sums of two panels, all points of each, stay in the second-level cache.
  const std::int64_t most = (context.kernels.gemm.lanes >= 16 ? 64 : 32) * kMostPoints / g.points;
  g.group_tiles = std::min(g.tiles, most);
  g.channel_blocks = ceil_div(spec.in, kBlock);
  const std::int64_t threads = context.threads->threads();
  // A small layer is cut into as many groups as there are threads, if transforming the weights once
  // a thread is less than handing transformed tiles from core to core.
  const bool small = g.tiles <= threads * most && g.tiles >= threads * kFewestTiles &&
                     spec.out <= kHandoverColumns * g.tiles;
  if (small) g.group_tiles = ceil_div(g.tiles, threads);
  g.groups = ceil_div(g.tiles, g.group_tiles);
  // Transformed tiles of one group that nearly fit the second-level cache.
  const std::int64_t solo = context.second_level_floats * 6 / 5;
  g.alone =
      g.channel_blocks * g.points * tiles_stride(g) <= solo && (small || g.groups >= 2 * threads);
  return g;
}

class Winograd {
 public:
  Winograd(const Context& context, const WinogradKernels& kernels, const Conv2dSpec& spec,
           const PackedMatrix& matrix, ConstView x, const GemmFinish& finish)
      : context_(context),
        kernels_(kernels),
        spec_(spec),
        matrix_(matrix),
        x_(x),
        finish_(finish),
        g_(geometry_for(context, kernels, spec, finish.out)) {}

  void run() const {
    const std::int64_t group_floats = g_.channel_blocks * block_floats();
    if (g_.alone) {
      run_groups_alone(group_floats);
    } else {
      run_in_waves(group_floats);
    }
  }

 private:
  // Few channels: each thread takes a group from its pixels to the result, without
  // its transformed tiles ever leaving the second-level cache.
  void run_groups_alone(std::int64_t group_floats) const {
    context_.threads->parallel_for(g_.groups, [&](std::int64_t group, int worker) {
      float* scratch = context_.scratch.floats(worker, group_floats + scratch_floats(1));
      for (std::int64_t block = 0; block < g_.channel_blocks; ++block) {
        transform_group(group, block, scratch);
      }
      for (std::int64_t panel = 0; panel < matrix_.panels(); ++panel) {
        multiply_group(group, panel, 1, scratch, scratch + group_floats);
      }
    });
  }

  // Groups of tiles pass in waves that keep the transformed input bounded.
  void run_in_waves(std::int64_t group_floats) const {
    const std::int64_t wave = std::clamp<std::int64_t>(kWaitingFloats / group_floats, 1, g_.groups);
    const Temporary transformed(*context_.arena, wave * group_floats);
    const std::int64_t most = ceil_div(wave * matrix_.panels(), kPanelsTogether);
    const std::int64_t together =
        most >= kEnoughTasks * context_.threads->threads() ? kPanelsTogether : 1;
    const std::int64_t panel_groups = ceil_div(matrix_.panels(), together);
    for (std::int64_t first = 0; first < g_.groups; first += wave) {
      const std::int64_t count = std::min(wave, g_.groups - first);
      context_.threads->parallel_for(count * g_.channel_blocks, [&](std::int64_t task) {
        const std::int64_t group = task / g_.channel_blocks, block = task % g_.channel_blocks;
        transform_group(first + group, block, transformed.data() + group * group_floats);
      });
      context_.threads->parallel_for(count * panel_groups, [&](std::int64_t task, int worker) {
        const std::int64_t group = task / panel_groups;
        multiply_group(first + group, task % panel_groups * together, together,
                       transformed.data() + group * group_floats,
                       context_.scratch.floats(worker, scratch_floats(together)));
      });
    }
  }

  struct TilePlace {
    std::int64_t picture, y, x;  // of its first pixel
  };

  TilePlace place_of(std::int64_t tile) const {
    const std::int64_t per_picture = g_.tiles_y * g_.tiles_x;
    const std::int64_t inside = tile % per_picture;
    return {tile / per_picture, inside / g_.tiles_x * g_.tile, inside % g_.tiles_x * g_.tile};
  }

  std::int64_t tiles_in(std::int64_t group) const {
    return std::min(g_.group_tiles, g_.tiles - group * g_.group_tiles);
  }

  // One block of channels of all tiles of a group -> [block][point][tile][kBlock]
  void transform_group(std::int64_t group, std::int64_t block, float* transformed) const {
    const std::int64_t first_channel = block * kBlock;
    const std::int64_t channels = std::min(kBlock, spec_.in - first_channel);
    // Tiles in flight: the pixels of one are asked for while those before it are transformed.
    std::array<Pixels, kTilesAhead + 1> flight;
    const std::int64_t tiles = tiles_in(group);
    for (std::int64_t i = 0; i < tiles + kTilesAhead; ++i) {
      if (i < tiles) {
        Pixels& next = flight[static_cast<std::size_t>(i % (kTilesAhead + 1))];
        find_pixels(group * g_.group_tiles + i, first_channel, next);
        for (std::int64_t p = 0; p < g_.points; ++p) {
          const float* pixel = next[static_cast<std::size_t>(p)];
          for (std::int64_t c = 0; c < channels; c += 16) __builtin_prefetch(pixel + c);
        }
      }
      const std::int64_t now = i - kTilesAhead;
      if (now < 0) continue;
      kernels_.transform_input(
          {.pixels = flight[static_cast<std::size_t>(now % (kTilesAhead + 1))].data(),
           .channels = channels,
           .out = transformed + block * block_floats() + now * kBlock,
           .point_stride = tiles_stride(g_)});
    }
  }

  using Pixels = std::array<const float*, kMostPoints>;

  // Where the pixels under a tile lie; outside the picture, zeros.
  void find_pixels(std::int64_t tile, std::int64_t first_channel, Pixels& pixels) const {
    static constexpr float kZeros[kBlock] = {};
    const int zoom = spec_.upsample ? 1 : 0;
    const TilePlace place = place_of(tile);
    for (std::int64_t p = 0; p < g_.points; ++p) {
      const std::int64_t y = place.y - 1 + p / g_.side, column = place.x - 1 + p % g_.side;
      const bool inside = y >= 0 && y < g_.height && column >= 0 && column < g_.width;
      const std::int64_t pixel =
          (place.picture * x_.shape[1] + (y >> zoom)) * x_.shape[2] + (column >> zoom);
      pixels[static_cast<std::size_t>(p)] =
          inside ? host(x_) + pixel * x_.stride + first_channel : kZeros;
    }
  }

  // Floats from one point to the next: of the tiles' sums, of transformed weights.
  std::int64_t sums_stride() const { return g_.group_tiles * context_.kernels.panel() + kApart; }
  std::int64_t weights_stride() const { return kBlock * context_.kernels.panel() + kApart; }

  std::int64_t block_floats() const { return g_.points * tiles_stride(g_); }
  std::int64_t sums_floats() const { return g_.points * sums_stride(); }
  /// What multiply_group needs for `panels` at a time.
  std::int64_t scratch_floats(std::int64_t panels) const {
    return panels * sums_floats() + g_.points * weights_stride() +
           (9 * kBlock + kMostTile * kMostTile) * context_.kernels.panel();
  }

  void multiply_group(std::int64_t group, std::int64_t first, std::int64_t panels,
                      const float* transformed, float* sums) const {
    const std::int64_t width = context_.kernels.panel(), tiles = tiles_in(group);
    const std::int64_t last = std::min(matrix_.panels(), first + panels);
    float* weights = sums + panels * sums_floats();
    float* widened = weights + g_.points * weights_stride();
    float* pixels = widened + 9 * kBlock * width;
    for (std::int64_t block = 0; block < g_.channel_blocks; ++block) {
      const std::int64_t k = std::min(kBlock, spec_.in - block * kBlock);
      const float* tile_points = transformed + block * block_floats();
      for (std::int64_t panel = first; panel < last; ++panel) {
        const int vectors = matrix_.vectors(panel);
        transform_weights(panel, block * kBlock, k, widened, weights);
        // The products bring the nine taps of the weights that come next, evenly: each a part of
        // one.
        for (std::int64_t p = 0; p < g_.points; ++p) {
          const std::int64_t tap = 9 * p / g_.points;
          const std::int64_t from = ceil_div(tap * g_.points, 9);
          const std::int64_t parts = ceil_div((tap + 1) * g_.points, 9) - from;
          const auto ahead = weights_after(block, panel, first, last, tap);
          const auto part = static_cast<std::int64_t>(ahead.size()) / parts;
          context_.kernels.gemm.multiply_winograd(
              {.rows = tiles,
               .k = k,
               .a = tile_points + p * tiles_stride(g_),
               .b = weights + p * weights_stride(),
               .vectors = vectors,
               .c = sums + (panel - first) * sums_floats() + p * sums_stride(),
               .c_stride = width,
               .accumulate = block > 0,
               .ahead = ahead.data() + part * (p - from),
               .ahead_bytes = part});
        }
      }
    }
    for (std::int64_t panel = first; panel < last; ++panel) {
      finish_tiles(group, panel, sums + (panel - first) * sums_floats(), pixels);
    }
  }

  // Channels [first, first + k) of one panel's weights -> [point][kBlock][columns]
  void transform_weights(std::int64_t panel, std::int64_t first, std::int64_t k, float* widened,
                         float* weights) const {
    const std::int64_t width = context_.kernels.panel();
    const int vectors = matrix_.vectors(panel);
    const float* taps = matrix_.terms(panel, first, k, widened);
    std::int64_t tap_stride = spec_.in * vectors * context_.kernels.gemm.lanes;
    if (taps == widened) {  // float16: the taps are widened next to each other
      tap_stride = kBlock * width;
      for (std::int64_t tap = 1; tap < 9; ++tap) {
        matrix_.terms(panel, tap * spec_.in + first, k, widened + tap * tap_stride);
      }
    }
    kernels_.transform_weights(taps, tap_stride, k, vectors, weights, weights_stride());
  }

  // One tap of the weights that follow (block, panel) in the order of multiply_group.
  std::span<const std::byte> weights_after(std::int64_t block, std::int64_t panel,
                                           std::int64_t first, std::int64_t last,
                                           std::int64_t tap) const {
    if (++panel == last) {
      panel = first;
      if (++block == g_.channel_blocks) {
        block = 0;
        panel = last;
        if (panel >= matrix_.panels()) return {};
      }
    }
    const std::int64_t k = std::min(kBlock, spec_.in - block * kBlock);
    return matrix_.stored(panel, tap * spec_.in + block * kBlock, k);
  }

  void finish_tiles(std::int64_t group, std::int64_t panel, const float* sums,
                    float* pixels) const {
    const std::int64_t width = context_.kernels.panel();
    const int vectors = matrix_.vectors(panel);
    const std::int64_t columns = vectors * context_.kernels.gemm.lanes;
    for (std::int64_t i = 0; i < tiles_in(group); ++i) {
      kernels_.transform_output({.m = sums + i * width,
                                 .point_stride = sums_stride(),
                                 .vectors = vectors,
                                 .out = pixels});
      const TilePlace place = place_of(group * g_.group_tiles + i);
      const std::int64_t rows = std::min(g_.tile, g_.height - place.y);
      for (std::int64_t y = 0; y < rows; ++y) {
        const std::int64_t row = (place.picture * g_.height + place.y + y) * g_.width + place.x;
        finish_panel(context_, matrix_.bias(panel), finish_, panel, row,
                     std::min(g_.tile, g_.width - place.x), pixels + y * g_.tile * columns,
                     columns);
      }
    }
  }

  const Context& context_;
  const WinogradKernels& kernels_;
  const Conv2dSpec& spec_;
  const PackedMatrix& matrix_;
  const ConstView x_;
  const GemmFinish& finish_;
  const Geometry g_;
};

}  // namespace

void convolve_winograd(const Context& context, const WinogradKernels& kernels,
                       const Conv2dSpec& spec, const PackedMatrix& matrix, ConstView x,
                       const GemmFinish& finish) {
  Winograd(context, kernels, spec, matrix, x, finish).run();
}

}  // namespace easel::cpu
