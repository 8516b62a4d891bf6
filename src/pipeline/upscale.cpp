#include "pipeline/upscale.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>
#include <vector>

#include "backend/dry/dry.h"
#include "core/error.h"
#include "image/hidden_colours.h"
#include "image/resize.h"
#include "pipeline/families.h"
#include "pipeline/parts/memory.h"
#include "pipeline/tiles.h"
#include "pipeline/upscale_pixels.h"
#include "pipeline/upscaler_check.h"
#include "weights/changes/mixed.h"

namespace easel {
namespace {

constexpr double kMaxScale = 16;
constexpr int kMaxSide = 65535;
constexpr int kDefaultOverlap = 32;
// Lines of an enlarged tile that are on the host at a time.
constexpr int kBandLines = 64;
constexpr int kLeastTile = 32;
constexpr int kMostTile = 768;  // larger ones are no faster
// Activations of one tile. Fixed, so that the tiles, and with them the bytes, are the same whenever
// memory is not short.
constexpr std::int64_t kTileBytes = std::int64_t{1} << 30;

// A network's weights under the names of its family.
struct Opened {
  const Family* family;
  Weights weights;
};

Opened open_checked(const std::filesystem::path& path) {
  const Weights weights = open_model_weights(path);
  const Family& family = require_family(weights, ModelUse::kUpscale, path.string());
  return {&family, family.with_own_names(weights)};
}

Opened open_blended(const UpscalerLocation& location) {
  Opened opened = open_checked(location.path);
  if (!location.blend) return opened;
  const double share = location.blend->share;
  if (!(share >= 0 && share <= 1)) {
    fail(ErrorCode::kUsage, "the share of the second upscaler is {}, wanted 0 to 1", share);
  }
  opened.weights = mixed(opened.weights, open_checked(location.blend->path).weights, share);
  return opened;
}

std::int64_t count_parameters(const Weights& weights) {
  std::int64_t total = 0;
  for (const auto& [name, entry] : weights.entries()) total += entry.source.shape.elements();
  return total;
}

UpscalerInfo info_of(const UpscalerLocation& location, const Weights& weights,
                     const EnlargingFacts& facts) {
  return {.name = location.path.filename().string(),
          .description = facts.description,
          .scale = facts.scale,
          .receptive_radius = facts.receptive_radius,
          .parameters = count_parameters(weights)};
}

// Lines [first, first + count) of a picture [1, H, W, C].
ConstView lines_of(ConstView picture, std::int64_t first, std::int64_t count) {
  const std::int64_t width = picture.shape[2];
  return {picture.address + first * width * picture.stride,
          {1, count, width, picture.channels()},
          picture.stride};
}

int round_up(int size, int multiple) { return (size + multiple - 1) / multiple * multiple; }

}  // namespace

class Upscaler::Impl {
 public:
  Impl(const UpscalerLocation& location, const UpscalerOptions& options)
      : Impl(location, options, open_blended(location)) {}

  const UpscalerInfo& info() const { return info_; }
  const Backend& backend() const { return *backend_; }
  Image upscale(const Image& picture, const UpscaleRequest& request, const UpscaleHooks& hooks);

 private:
  Impl(const UpscalerLocation& location, const UpscalerOptions& options, const Opened& opened)
      : options_(options),
        backend_(make_backend(options.backend)),
        network_(opened.family->enlarge(*backend_, opened.weights)),
        facts_(network_->facts()),
        info_(info_of(location, opened.weights, facts_)) {}

  Image::Size wanted_size(const Image& picture, const UpscaleRequest& request) const;
  int choose_tile(const Image& picture, const UpscaleRequest& request, Image::Size wanted,
                  int overlap) const;
  Tensor read_tile(const Image& picture, const Pass& pass, const Tile& across,
                   const Tile& down) const;
  void write_tile(const Tensor& result, const Pass& pass, const Tile& across, const Tile& down,
                  Image& out) const;

  const UpscalerOptions options_;
  const std::unique_ptr<Backend> backend_;
  const std::unique_ptr<const EnlargingNetwork> network_;
  const EnlargingFacts facts_;
  const UpscalerInfo info_;
};

Image::Size Upscaler::Impl::wanted_size(const Image& picture, const UpscaleRequest& request) const {
  const double scale = request.scale == 0 ? facts_.scale : request.scale;
  if (!(scale > 0 && scale <= kMaxScale)) {
    fail(ErrorCode::kUsage, "the scale is {}, wanted above 0 and at most {}", scale, kMaxScale);
  }
  const double most = std::max(scale, double{static_cast<double>(facts_.scale)});
  const auto side = [&](int size, const char* what) {
    if (size * most > kMaxSide) {
      fail(ErrorCode::kUsage, "the picture is {} pixels {}, and {} times that is more than {}",
           size, what, most, kMaxSide);
    }
    return std::max(1, static_cast<int>(std::lround(size * scale)));
  };
  return {.width = side(picture.width(), "wide"), .height = side(picture.height(), "high")};
}

// The largest tile whose activations fit: the whole picture as a rule, less when memory is short.
int Upscaler::Impl::choose_tile(const Image& picture, const UpscaleRequest& request,
                                Image::Size wanted, int overlap) const {
  const std::int64_t pixels = std::int64_t{picture.width()} * picture.height();
  const std::int64_t samples = picture.channels() * (picture.bits() / 8);
  std::int64_t result = pixels * facts_.scale * facts_.scale * samples;
  const Image::Size own{.width = picture.width() * facts_.scale,
                        .height = picture.height() * facts_.scale};
  if (wanted != own) {
    // Resampling holds a float copy of the new width and the old height, and its own result.
    const std::int64_t floats = std::int64_t{wanted.width} * own.height * picture.channels();
    result += 4 * floats + std::int64_t{wanted.width} * wanted.height * samples;
  }
  const std::int64_t limit =
      options_.memory_limit > 0 ? options_.memory_limit
                                : backend_->available_memory() +
                                      static_cast<std::int64_t>(backend_->arena().bytes_reserved());
  const std::int64_t spare = limit - result - (std::int64_t{64} << 20);
  const auto bytes = [&](std::int64_t tile) {
    const std::int64_t side = tile + 2 * overlap;
    return std::min(pixels, side * side) * facts_.bytes_per_pixel;
  };
  int tile = request.tile > 0 ? request.tile
                              : std::min(kMostTile, std::max(picture.width(), picture.height()));
  const std::int64_t budget = request.tile > 0 ? spare : std::min(spare, kTileBytes);
  while (tile > kLeastTile && bytes(tile) > budget) tile -= std::max(1, tile / 16);
  if (bytes(tile) > spare) {
    const std::int64_t needed = limit - spare + bytes(tile);
    fail(ErrorCode::kNoMemory,
         "enlarging {}x{} pixels needs {} of memory ({} bytes), and {} are to be had ({} bytes)",
         picture.width(), picture.height(), gigabytes(needed), needed, gigabytes(limit), limit);
  }
  return tile;
}

Tensor Upscaler::Impl::read_tile(const Image& picture, const Pass& pass, const Tile& across,
                                 const Tile& down) const {
  const auto channels = static_cast<std::int64_t>(pass.size());
  std::vector<float> values(static_cast<std::size_t>(down.length) *
                            static_cast<std::size_t>(across.length) * pass.size());
  backend_->threads().parallel_for(down.length, [&](std::int64_t row) {
    const int y = reflected(down.from + static_cast<int>(row), picture.height());
    float* to = values.data() + row * across.length * channels;
    for (int j = 0; j < across.length; ++j) {
      const int column = reflected(across.from + j, picture.width());
      for (const int channel : pass) {
        *to++ = channel == kOpaque ? 1.0f : sample(picture, column, y, channel);
      }
    }
  });
  Tensor x(backend_->arena(), {1, down.length, across.length, channels});
  backend_->upload(values, Layout::kPixels, x);
  return x;
}

// Keeps the tile without its overlap, and of that what lies in the picture, a band of lines at a
// time: a second copy of the whole would take a noticeable part of the memory.
void Upscaler::Impl::write_tile(const Tensor& result, const Pass& pass, const Tile& across,
                                const Tile& down, Image& out) const {
  const int s = facts_.scale;
  const auto channels = static_cast<std::int64_t>(pass.size());
  const bool is_mean = channels > 1 && pass[0] == pass[1];
  const int bottom = std::min((down.first + down.size) * s, out.height());
  const int right = std::min((across.first + across.size) * s, out.width());
  const std::int64_t width = result.dim(2);
  std::vector<float> band(static_cast<std::size_t>(kBandLines * width * channels));
  for (int top = down.first * s; top < bottom; top += kBandLines) {
    const int lines = std::min(kBandLines, bottom - top);
    const std::span values =
        std::span(band).first(static_cast<std::size_t>(lines * width * channels));
    backend_->download(lines_of(result, top - down.from * s, lines), Layout::kPixels, values);
    backend_->threads().parallel_for(lines, [&](std::int64_t line) {
      const int y = top + static_cast<int>(line);
      for (int x = across.first * s; x < right; ++x) {
        const float* pixel = band.data() + (line * width + (x - across.from * s)) * channels;
        if (is_mean) {
          set_sample(out, x, y, pass[0], (pixel[0] + pixel[1] + pixel[2]) / 3);
          continue;
        }
        for (std::size_t k = 0; k < pass.size(); ++k) {
          if (pass[k] != kOpaque) set_sample(out, x, y, pass[k], pixel[k]);
        }
      }
    });
  }
}

Image Upscaler::Impl::upscale(const Image& given, const UpscaleRequest& request,
                              const UpscaleHooks& hooks) {
  const std::optional<Image> filled = with_hidden_colours_filled(given);
  const Image& picture = filled ? *filled : given;
  if (picture.empty()) fail(ErrorCode::kUsage, "the picture is empty");
  if (picture.width() == 1 && picture.height() == 1) {
    fail(ErrorCode::kUsage, "the picture is a single pixel: there is nothing to enlarge");
  }
  if (request.tile < 0) fail(ErrorCode::kUsage, "the tile is {}, wanted 0 or more", request.tile);
  const int overlap = request.overlap.value_or(std::min(kDefaultOverlap, facts_.receptive_radius));
  if (overlap < 0 || overlap > 4096) {
    fail(ErrorCode::kUsage, "the overlap is {}, wanted 0 to 4096", overlap);
  }
  const Image::Size wanted = wanted_size(picture, request);
  const int tile = choose_tile(picture, request, wanted, overlap);
  const int multiple = facts_.size_multiple;
  const auto columns = cut_tiles(round_up(picture.width(), multiple), tile, overlap, multiple);
  const auto rows = cut_tiles(round_up(picture.height(), multiple), tile, overlap, multiple);
  const std::vector<Pass> passes = passes_of(picture, facts_.channels);

  const auto start = std::chrono::steady_clock::now();
  Image out({.width = picture.width() * facts_.scale, .height = picture.height() * facts_.scale},
            picture.channels(), picture.bits());
  const int total = static_cast<int>(passes.size() * columns.size() * rows.size());
  int done = 0;
  for (const Pass& pass : passes) {
    for (const Tile& down : rows) {
      for (const Tile& across : columns) {
        if (hooks.cancel != nullptr) hooks.cancel->check();
        write_tile((*network_)(read_tile(picture, pass, across, down)), pass, across, down, out);
        const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
        if (hooks.on_tile) hooks.on_tile(++done, total, elapsed.count());
      }
    }
  }
  backend_->arena().trim();
  return out.size() == wanted ? out : resize(out, wanted, Resampling::kLanczos);
}

UpscalerFacts check_upscaler(const std::filesystem::path& path) {
  const Opened opened = open_checked(path);
  const std::unique_ptr<Backend> backend = make_dry_backend();
  const EnlargingFacts facts = opened.family->enlarge(*backend, opened.weights)->facts();
  return {.description = facts.description, .scale = facts.scale, .channels = facts.channels};
}

Upscaler::Upscaler(const UpscalerLocation& location, const UpscalerOptions& options)
    : impl_(std::make_unique<Impl>(location, options)) {}
Upscaler::~Upscaler() = default;

const UpscalerInfo& Upscaler::info() const { return impl_->info(); }
const Backend& Upscaler::backend() const { return impl_->backend(); }
Image Upscaler::upscale(const Image& picture, const UpscaleRequest& request,
                        const UpscaleHooks& hooks) {
  return impl_->upscale(picture, request, hooks);
}

}  // namespace easel
